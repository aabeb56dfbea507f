// How does the code of an experiment reach this folder?
import type { CodeReferenceBody } from '#contracts';
import { download } from '../download.ts';
import { experimentPath, projectPath, type ExperimentOptions } from '../session.ts';
import type { Run } from '../tree.ts';

export const code: Run<ExperimentOptions> = async (session, options) => {
  const address = await session.experiment(options);
  const { commit } = await session.api.get<CodeReferenceBody>(`${experimentPath(address)}/coderef`);
  session.out.notice(commit ? `Experiment has code ref: \`${commit}\`, downloading ...` : 'Experiment has no code ref, downloading the latest code ...');
  const saved = await download(session, `${projectPath(address)}/repo/download`, 'repo.tar.gz', { commit });
  await session.out.said('Files downloaded.', { ...saved, commit: commit ?? null }, saved.file);
};
