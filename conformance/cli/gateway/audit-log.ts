import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { whyUnreadable } from '../../../base/error-message.ts';
import type { RefusalRecord } from '../../../gateway/index.ts';
import { UsageError } from '../../plan/usage-error.ts';

/**
 * Bytes that wait for a slow disk. Further records are dropped and counted, so that callers cannot use up the memory.
 */
const maxWaitingBytes = 1024 * 1024;

/** A file that gets one JSON line for each refusal. */
export interface AuditLog extends AsyncDisposable {
  write(record: RefusalRecord): void;
}

/**
 * Opens an audit log. Only the user can read a new file. The next record after dropped ones has their number in
 * `dropped`.
 * @param warn is called once if a record cannot be written
 * @throws UsageError if the file cannot be opened
 */
export async function openAuditLog(path: string, warn: (text: string) => void): Promise<AuditLog> {
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  try {
    await once(file, 'open');
  } catch (error) {
    throw new UsageError(`--audit-log ${path}: ${whyUnreadable(error)}`);
  }
  let dropped = 0;
  let hasFailed = false;
  file.on('error', (error) => {
    if (!hasFailed) warn(`--audit-log ${path}: ${error.message}`);
    hasFailed = true;
  });
  return {
    write(record) {
      if (hasFailed || file.writableLength > maxWaitingBytes) {
        dropped += 1;
        return;
      }
      file.write(`${JSON.stringify(dropped === 0 ? record : { ...record, dropped })}\n`);
      dropped = 0;
    },
    async [Symbol.asyncDispose]() {
      if (hasFailed) return;
      await new Promise<void>((resolve) => file.end(resolve));
    },
  };
}
