import { type ParseArgsConfig, parseArgs } from 'node:util';
import { errorMessage } from '../../base/error-message.ts';
import { type DocumentProblem, loadSources, problemsOf, writeDocuments } from './docs.ts';
import { readDocuments } from './documents.ts';
import { recordAgain, sealRecordings } from './record-again.ts';

const usage = `npm run docs            writes the generated numbers and tables of README.md, docs/ and the other documents
npm run docs -- --check   changes nothing, and fails if one of them is outdated or a count is written by hand
npm run docs -- --record [TEXT]
                          also runs the commands of recorded output that is outdated, or those that contain TEXT,
                          and puts their output and today's date in its place
npm run docs -- --seal [TEXT]
                          seals recorded output that was pasted by hand, or that of commands that contain TEXT`;

const options = {
  check: { type: 'boolean', default: false },
  record: { type: 'boolean', default: false },
  seal: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} satisfies ParseArgsConfig['options'];

const remedies = {
  generate: 'npm run docs writes it',
  record: 'record it anew: npm run docs -- --record',
  seal: 'record it again: npm run docs -- --record TEXT, or accept it: npm run docs -- --seal TEXT; TEXT is a part of the command',
  edit: 'edit the text',
} as const;

async function main(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.record) await recordAgain(positionals);
  if (values.seal) await sealRecordings(positionals);
  if (!values.check) {
    const documents = readDocuments();
    const changed = await writeDocuments(documents, await loadSources(documents));
    for (const path of changed) console.log(`wrote ${path}`);
  }
  const documents = readDocuments();
  const sources = await loadSources(documents);
  const problems = (await Promise.all(documents.map((each) => problemsOf(each, sources)))).flat();
  for (const problem of problems) console.error(lineFor(problem));
  if (problems.length === 0) console.log(`${documents.length} documents agree with the build`);
  return problems.length === 0 ? 0 : 1;
}

function lineFor({ path, line, message, remedy }: DocumentProblem): string {
  return `${path}:${line}: ${message} (${remedies[remedy]})`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`error: ${errorMessage(error)}`);
  process.exitCode = 2;
}
