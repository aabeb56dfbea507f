// Which path belongs to whom?
export { codePath, experimentPath, parseExperimentPath, runLogPath } from './layout.ts';
