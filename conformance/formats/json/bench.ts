import type { BenchReport } from '../../bench/report.ts';
import { jsonText } from './run.ts';

/** Version of `bench.v1.schema.json`. Minor versions may add members. */
const reportSchemaVersion = '1.0';

/** A list of numbers that `JSON.stringify` spread over several lines. */
const spreadNumbers = /\[\n[-+.\deEnul,\s]*\]/g;

/** Renders a benchmark as JSON that conforms to `conformance/schemas/bench.v1.schema.json`. Ends in a line feed. */
export function renderBenchJson(report: BenchReport): string {
  // Series and histograms have hundreds of numbers, which would otherwise take a line each.
  return jsonText(benchDocument(report)).replace(spreadNumbers, (list) => list.replace(/\s+/g, ''));
}

/** Returns the benchmark as a JSON value, for embedding in other reports. */
export function benchDocument({ kind, startedAt, durationMs, ...rest }: BenchReport): object {
  return {
    schemaVersion: reportSchemaVersion,
    kind,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Math.round(durationMs),
    ...rest,
  };
}
