FROM node:24-bookworm-slim AS build
WORKDIR /baleen
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=5000 DATA_DIR=/data
WORKDIR /baleen
COPY --from=build /baleen/package.json ./
COPY --from=build /baleen/node_modules ./node_modules
COPY --from=build /baleen/prisma/migrations ./prisma/migrations
COPY --from=build /baleen/docs ./docs
COPY --from=build /baleen/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/.well-known/oauth-authorization-server`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/server.js"]
