// What is a decision, how does it say no, and how is it tested?
export { Refusal } from './refusal.ts';
export { decideAll, evolveAll, type Decider, type Message } from './decider.ts';
export { given } from './specification.ts';
