#!/bin/sh
# Makes models/pocket-guide.gguf anew, from nothing but this folder: corpus, tokenizer, training, file. Goes on where it was broken off.
# Needs a C++ compiler and Python 3 with PyTorch and PyYAML; on Debian:
# apt-get install --no-install-recommends g++ python3-torch libopenblas0-pthread python3-yaml
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
folder=${GUIDE_FOLDER:-$root/.cache/guide}
python=${PYTHON:-/usr/bin/python3}
# Memory is kept, not given back after each step.
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
export MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=4294967296
"$python" -m trainer.train --folder "$folder" "$@"
"$python" -m trainer.mean --folder "$folder"
"$python" -m trainer.save --folder "$folder"
"$python" -m trainer.curve --folder "$folder" --out loss.svg
cd "$root"
exec npx tsx scripts/model-guide-pack.ts --from "$folder" --out models/pocket-guide.gguf
