# Builds and prunes; nothing of it but the copied folders gets into the image.
FROM node:24-bookworm-slim AS build
WORKDIR /baleen
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && node scripts/prune-modules.mjs

# Node without npm, headers or a compiler.
FROM debian:bookworm-slim
COPY --from=build /usr/local/bin/node /usr/local/bin/node
ENV NODE_ENV=production HOST=0.0.0.0 PORT=5000 DATA_DIR=/data
WORKDIR /baleen
COPY --from=build /baleen/package.json ./
COPY --from=build /baleen/node_modules ./node_modules
COPY --from=build /baleen/prisma/migrations ./prisma/migrations
COPY --from=build /baleen/docs ./docs
COPY --from=build /baleen/dist ./dist
RUN useradd --system --uid 1000 --user-group --no-create-home baleen && mkdir /data && chown baleen:baleen /data
USER baleen
VOLUME /data
EXPOSE 5000
# Whether it runs: a pod whose database is away answers again by itself, and /health/ready tells a proxy.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/server.js"]
