// Which files are in the outputs of an experiment?
import type { OutputsDigestBody, OutputsFileBody, OutputsLinkBody } from '#contracts';
import type { ApiClient, Download } from '../api-client.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { experimentPath, type Session } from '../session.ts';
import type { ExperimentAddress } from '../workspace.ts';

/** The outputs of one experiment, as the gateway gives them. */
export class OutputsSource {
  readonly #api: ApiClient;
  readonly #path: string;

  constructor(
    { api }: Session,
    readonly experiment: ExperimentAddress,
  ) {
    this.#api = api;
    this.#path = `${experimentPath(experiment)}/outputs`;
  }

  /** All below a folder, or the one file. */
  async files(below = ''): Promise<OutputsFileBody[]> {
    const files: OutputsFileBody[] = [];
    for await (const file of this.#api.lines<OutputsFileBody>(`${this.#path}/list`, { path: below || undefined })) {
      refuseUnsafe(file.path);
      files.push(file);
    }
    return files;
  }

  open(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Download> {
    return this.#api.download(`${this.#path}/files`, { path }, headers);
  }

  link(path: string, expires: number): Promise<OutputsLinkBody> {
    return this.#api.get(`${this.#path}/link`, { path, expires });
  }

  digest(path: string): Promise<OutputsDigestBody> {
    return this.#api.get(`${this.#path}/digest`, { path });
  }
}

/** What a program or a store calls a file must not lead out of the folder it is written to. */
function refuseUnsafe(path: string): void {
  const isSafe = !path.includes('\\') && !path.includes('\0') && path.split('/').every((segment) => !['', '.', '..'].includes(segment));
  if (!isSafe) throw new CommandFailure('path-invalid', exitCodes.failure, `a file in the outputs is called ${JSON.stringify(path)}, which can't be a file here`);
}
