// How does the working directory reach the gateway as a revision of the project's code?
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { biggest, filesToUpload, pack, sizeOf, type FoundFile } from './archive.ts';
import { refusedHere, usageFailure } from './failure.ts';
import { bytesText, filesText, progress } from './progress.ts';
import { projectPath, type ProjectOptions, type Session } from './session.ts';
import type { ProjectAddress } from './workspace.ts';

export interface UploadBody {
  readonly revision: string;
  readonly files: number;
  readonly size_bytes: number;
  /** The project has exactly these files already. */
  readonly unchanged: boolean;
}
export interface WorkingDirectory {
  readonly files: readonly FoundFile[];
  readonly sizeBytes: number;
}

const bigBytes = 10 * 1024 * 1024;

/** Code goes to the project that this folder is initialised for; another one would run what was never uploaded to it. */
export function projectToUpload(session: Session, { project }: ProjectOptions): ProjectAddress {
  const initialised = session.workspace.project;
  if (!initialised)
    throw usageFailure('this folder is not initialised for a project, so where its code belongs is not known', `polyaxon init ${project ?? 'PROJECT'}`);
  const named = project === undefined ? initialised : session.named(project);
  if (named.user !== initialised.user || named.project !== initialised.project) {
    const [here, there] = [initialised, named].map((one) => `${one.user}/${one.project}`);
    throw usageFailure(
      `the code of this folder belongs to ${here}, so -u can't go with ${there}`,
      `leave -u or -p out, or run it in a folder initialised for ${there}`,
    );
  }
  return initialised;
}

export async function workingDirectory(session: Session): Promise<WorkingDirectory> {
  const { limits } = await import('#contracts');
  const files = await filesToUpload(session.workspace.directory);
  const sizeBytes = sizeOf(files);
  if (files.length === 0)
    throw refusedHere('upload-invalid', 'there is no file here to upload', 'look at .polyaxonignore, or change to the folder with the code');
  if (sizeBytes > bigBytes)
    session.out.notice(`${filesText(files.length)}, ${bytesText(sizeBytes)}; the biggest: ${biggest(files)}. .polyaxonignore leaves files out`);
  if (files.length > limits.codeFiles)
    throw refusedHere('upload-too-large', `${files.length} files are more than the ${limits.codeFiles} allowed`, 'name what is not code in .polyaxonignore');
  if (sizeBytes > limits.unpackedCodeBytes) throw tooLarge(sizeBytes, limits.unpackedCodeBytes, files);
  return { files, sizeBytes };
}

export async function upload(session: Session, project: ProjectAddress): Promise<UploadBody> {
  const { limits } = await import('#contracts');
  const { files } = await workingDirectory(session);
  const archive = await pack(session.workspace.directory, files);
  try {
    if (archive.sizeBytes > limits.uploadBytes) throw tooLarge(archive.sizeBytes, limits.uploadBytes, files);
    const uploaded = await put(session, project, archive, files.length);
    const what = uploaded.unchanged ? 'the project has exactly these files already' : `${filesText(uploaded.files)}, ${bytesText(uploaded.size_bytes)}`;
    session.out.notice(`revision ${uploaded.revision.slice(0, 12)}: ${what}`);
    return uploaded;
  } finally {
    archive.remove();
  }
}

async function put(
  session: Session,
  project: ProjectAddress,
  archive: { readonly file: string; readonly sizeBytes: number },
  files: number,
): Promise<UploadBody> {
  const boundary = `polyaxon-${randomUUID()}`;
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="repo"; filename="code.tar.gz"\r\ncontent-type: application/gzip\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': String(head.length + archive.sizeBytes + tail.length) };
  const bar = await progress(session.out, `uploading ${filesText(files)}`, { bytes: archive.sizeBytes });
  const content = async function* () {
    let sent = 0;
    yield Buffer.from(head);
    for await (const chunk of createReadStream(archive.file)) {
      yield chunk as Buffer;
      bar.update((sent += (chunk as Buffer).length));
    }
    yield Buffer.from(tail);
  };
  try {
    return await session.api.put<UploadBody>(`${projectPath(project)}/repo/upload`, headers, () => Readable.from(content()));
  } finally {
    bar.end();
  }
}

function tooLarge(sizeBytes: number, limitBytes: number, files: readonly FoundFile[]): Error {
  return refusedHere(
    'upload-too-large',
    `${bytesText(sizeBytes)} are more than the ${bytesText(limitBytes)} allowed; the biggest files: ${biggest(files)}`,
    'name what is not code in .polyaxonignore',
  );
}
