// node histogram.mjs FILE SHARE...: puts the numbers of a file, one a line, into the published HDR histogram and prints
// the values at these shares: the load test's own histogram must say the same.
import { readFileSync } from 'node:fs';
import { build } from 'hdr-histogram-js';

const [file, ...shares] = process.argv.slice(2);
const histogram = build({
  lowestDiscernibleValue: 1,
  highestTrackableValue: 2 ** 42,
  numberOfSignificantValueDigits: 3,
  bitBucketSize: 64,
});
for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) histogram.recordValue(Number(line));
console.log(shares.map((share) => histogram.getValueAtPercentile(Number(share) * 100)).join(' '));
