import { access, constants, copyFile, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { lasting, problemOfDisk } from './download-problem.ts';

/** Makes the models folder where there is none. Rejects with a DownloadProblem where nothing can be put there. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    throw lasting(`The portal may not write into the models folder ${folder} (${code}): allow it, then pull it again.`);
  }
}

/**
 * Gives a whole file its name in the models folder, at once and never over another: readers see nothing or all of it.
 * Rejects with a DownloadProblem; then the file is where it was.
 */
export async function placeModel(part: string, target: string): Promise<void> {
  const folder = path.dirname(target);
  const nearby = copyOf(part, folder);
  try {
    if (await onOneFileSystem(part, folder)) {
      await giveName(part, target);
    } else {
      await copyFile(part, nearby);
      const copy = await open(nearby, 'r+');
      await copy.datasync().finally(() => copy.close());
      await giveName(nearby, target);
    }
    await rm(part, { force: true });
  } catch (error) {
    if (isCode(error, 'EEXIST'))
      throw lasting(`There is a file ${path.basename(target)} in the models folder already.`);
    throw problemOfDisk(error);
  } finally {
    await rm(nearby, { force: true });
  }
}

/** What a process left behind that was killed while it copied across file systems. */
export async function removeCopy(part: string, folder: string): Promise<void> {
  await rm(copyOf(part, folder), { force: true });
}

/** Hidden, so that the catalogue does not list it. */
function copyOf(part: string, folder: string): string {
  return path.join(folder, `.${path.basename(part)}`);
}

async function onOneFileSystem(file: string, folder: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(file), stat(folder)]);
  return one.dev === other.dev;
}

/** A link is made only where nothing is: unlike a rename it cannot replace a file that came meanwhile. */
async function giveName(file: string, target: string): Promise<void> {
  try {
    await link(file, target);
  } catch (error) {
    if (!isCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV')) throw error;
    // A file system without links, such as that of a memory stick: the name is taken first, then replaced.
    await (await open(target, 'wx')).close();
    await rename(file, target);
  }
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
