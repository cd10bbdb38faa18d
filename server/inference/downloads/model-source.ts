import path from 'node:path';
import { PortalError } from '../../errors.ts';
import type { CuratedModel } from './curated-models.ts';

/** Which file to bring, and what is known of it beforehand. */
export interface ModelSource {
  /** As it was asked for. */
  name: string;
  repository: string;
  revision: string;
  /** Its path in the repository. */
  file: string;
  /** What the catalogue pins; null: what the host says. */
  sizeBytes: number | null;
  sha256: string | null;
}

/** Owner, repository, up to three folders, file: none of them can be `.`, `..` or hidden. */
const segment = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
const addressPattern = new RegExp(`^hf:(${segment}/${segment})/((?:${segment}/){0,3}${segment}\\.gguf)$`);
/** llama.cpp's name for one file of a model that is split into several. */
const partPattern = /-\d{5}-of-\d{5}\.gguf$/;

/** The name among the models of what a curated file becomes. */
export function curatedName({ file }: Pick<CuratedModel, 'file'>): string {
  return file.slice(0, -'.gguf'.length);
}

/** What a name stands for: one of the catalogue, or `hf:owner/repository/file.gguf`. Throws `invalid_input`. */
export function sourceOf(name: string, curated: readonly CuratedModel[]): ModelSource {
  const known = curated.find((model) => curatedName(model) === name);
  if (known !== undefined) {
    const { repository, revision, file, sizeBytes, sha256 } = known;
    return { name, repository, revision, file, sizeBytes, sha256 };
  }
  const [, repository, file] = addressPattern.exec(name) ?? [];
  if (repository === undefined || file === undefined) {
    throw refused('is neither in the catalogue nor of the form hf:owner/repository/file.gguf');
  }
  if (partPattern.test(file)) {
    throw refused('is one part of a model that is split: bring all of its parts into the models folder by hand');
  }
  return { name, repository, revision: 'main', file, sizeBytes: null, sha256: null };
}

/** The file's name in the models folder. */
export function fileNameOf({ file }: Pick<ModelSource, 'file'>): string {
  return path.posix.basename(file);
}

function refused(message: string): PortalError {
  return new PortalError('invalid_input', `name ${message}`, { errors: [{ path: 'name', message }] });
}
