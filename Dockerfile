# livemesh: tracker, ingest, origin, pages and headless peers in one image.
#   docker build -t livemesh .
#   docker run -p 8080:8080 -p 8080:8080/udp -v livemesh:/data livemesh
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
# For all inputs but MPEG-TS, and for transcoding.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production HOME=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/bin ./bin
COPY --from=build /app/dist ./dist
COPY --from=build /app/ingest/clip ./ingest/clip
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080/tcp 8080/udp 9464/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "bin/livemesh.js"]
CMD ["serve", "--host", "0.0.0.0", "--token-key", "/data/token-key", "--metrics-port", "9464"]
