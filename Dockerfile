FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Not `npm ci`: that refuses a lockfile in which an optional package for another kind of machine is missing.
RUN npm install --no-save --no-audit --no-fund
COPY tsconfig.json prisma.config.ts ./
COPY prisma prisma
COPY schema schema
COPY server server
COPY web web
COPY models/pocket-guide.gguf models/
RUN npx prisma generate
RUN npm run build
# What runs needs no sources of the web app, and a container without a graphics card none of the engine's builds for one.
RUN npm prune --omit=dev --no-audit --no-fund \
    && rm -rf web node_modules/@node-llama-cpp/*-cuda* node_modules/@node-llama-cpp/*-vulkan*

FROM node:22-bookworm-slim
ENV NODE_ENV=production APP_ENV=production
WORKDIR /app
COPY --from=build /app ./
RUN mkdir -p .data models && chown node:node .data models
USER node
VOLUME ["/app/.data", "/app/models"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --start-interval=1s \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8000/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--import", "tsx", "server/main.ts"]
