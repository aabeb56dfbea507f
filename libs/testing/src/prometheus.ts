// Is there a real Prometheus for a test, and what if not?
import { missingPrometheus } from '../../../tools/stack/prometheus/provide.ts';

/** False, with a skipped test that says what would provide it, where there is none; on machines nobody watches that is a failure. */
export function hasPrometheus(): boolean {
  const missing = missingPrometheus();
  if (!missing) return true;
  if (process.env.CI) throw new Error(missing);
  describe('Prometheus', () => void it.skip(missing, () => undefined));
  return false;
}
