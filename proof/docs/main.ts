import { type ParseArgsConfig, parseArgs } from 'node:util';
import { errorMessage } from '../../base/error-message.ts';
import { type DocumentProblem, loadSources, problemsOf, writeDocuments } from './docs.ts';
import { readDocuments } from './documents.ts';
import { pictureProblems, takePictures } from './pictures.ts';
import { recordAgain, sealRecordings } from './record-again.ts';

const usage = `npm run docs            writes the generated numbers and tables of README.md, docs/ and the other documents
npm run docs -- --check   changes no file; fails if a number, a table or recorded output is outdated, or if a count is
                          written by hand
npm run docs -- --record [TEXT]
                          also updates outdated recorded output: runs its command, and records the output and the date;
                          with TEXT, updates the output of all commands that contain TEXT; also takes pictures of
                          reports that are missing or whose path contains TEXT (all: pictures), which needs Chromium
npm run docs -- --seal [TEXT]
                          also seals recorded output that was pasted by hand; with TEXT, seals the output of all commands
                          that contain TEXT`;

const options = {
  check: { type: 'boolean', default: false },
  record: { type: 'boolean', default: false },
  seal: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} satisfies ParseArgsConfig['options'];

const remedies = {
  generate: 'run npm run docs',
  record: 'record it again with npm run docs -- --record',
  seal: 'record it again with npm run docs -- --record TEXT, or accept it with npm run docs -- --seal TEXT; TEXT is part of the command',
  picture: 'take it with npm run docs -- --record pictures',
  edit: 'edit the text',
} as const;

async function main(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.record) {
    await recordAgain(positionals);
    await takePictures(positionals);
  }
  if (values.seal) await sealRecordings(positionals);
  if (!values.check) {
    const documents = readDocuments();
    const changed = await writeDocuments(documents, await loadSources(documents));
    for (const path of changed) console.log(`wrote ${path}`);
  }
  const documents = readDocuments();
  const sources = await loadSources(documents);
  const inText = await Promise.all(documents.map((each) => problemsOf(each, sources)));
  const problems = [...inText.flat(), ...pictureProblems(documents)];
  for (const problem of problems) console.error(lineFor(problem));
  if (problems.length === 0) console.log(`${documents.length} documents match the build`);
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
