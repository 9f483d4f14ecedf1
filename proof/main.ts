#!/usr/bin/env node
import { prove } from './prove.ts';

process.exit(
  await prove(process.argv.slice(2), {
    write: (text) => process.stdout.write(text),
    warn: (message) => process.stderr.write(`${message}\n`),
  }),
);
