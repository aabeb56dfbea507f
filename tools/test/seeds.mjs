// Which cases do property tests try? New ones each time, but the same ones on machines nobody watches: what passed for its author passes there.
import fc from 'fast-check';

if (process.env.CI) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20190624 });
