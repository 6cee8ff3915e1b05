// What every client of this folder does, whatever library it speaks through: a bill whose figures are known, the
// assertions, and one concern a run, chosen on the command line:
//   node <client>.mjs HTTP_ADDRESS GRPC_ADDRESS PROTO_FOLDER DESCRIPTOR_SET PREFIX CONCERN
import assert from 'node:assert/strict';

export { assert };

export const PLAN = 'tongliao-resident-critical-2025';
export const FACILITY = 'H15050200001';

// A library that left something open would keep the process alive: the test must not wait for it.
const MILLISECONDS_MAX = 30_000;

export async function run(concerns) {
  const [http, grpc, protos, descriptors, prefix, concern] = process.argv.slice(2);
  const chosen = concerns[concern];
  if (!chosen) throw new Error(`no concern ${concern}; there are ${Object.keys(concerns).join(', ')}`);
  setTimeout(() => { console.error('not done in time'); process.exit(1); }, MILLISECONDS_MAX).unref();
  await chosen({ http, grpc, protos, descriptors, prefix });
  console.log('ok');
  process.exit(0);
}

export async function refused(action) {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error('it was answered and not refused');
}

export function facilityOf(prefix) {
  const sum = [...prefix].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return `H15050298${String(sum % 1000).padStart(3, '0')}`;
}

export const isChinese = (text) => /[\u4e00-\u9fff]/.test(text);
