# A static binary, the certificates of public authorities, and nothing else.
#
#   docker build -t cloudip_exporter .
#   docker run --rm -p 127.0.0.1:9877:9877 cloudip_exporter serve --demo
#   docker run -d -p 9877:9877 --read-only -v cloudip:/var/lib/cloudip_exporter -v /etc/cloudip_exporter:/etc/cloudip_exporter:ro cloudip_exporter
ARG BUILD_IMAGE=golang:1.26
ARG BASE_IMAGE=scratch

FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION
ARG REVISION
ARG DATE
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -o /image/usr/bin/cloudip_exporter \
      -ldflags "-s -w -X github.com/prometheus/common/version.Version=${VERSION} -X github.com/prometheus/common/version.Revision=${REVISION} -X github.com/prometheus/common/version.BuildDate=${DATE}" . \
 && install -D -m 0644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
 && install -d /image/var/lib && install -d -m 0700 /state/cloudip_exporter

FROM ${BASE_IMAGE}
ARG VERSION
ARG REVISION
ARG DATE
LABEL org.opencontainers.image.title=cloudip_exporter \
      org.opencontainers.image.description="Prometheus exporter of the IP addresses of Huawei Cloud, Open Telekom Cloud and OpenStack" \
      org.opencontainers.image.licenses=Apache-2.0 \
      org.opencontainers.image.version=${VERSION} \
      org.opencontainers.image.revision=${REVISION} \
      org.opencontainers.image.created=${DATE}
COPY --from=build /image/ /
COPY --from=build --chown=65532:65532 /state/ /var/lib/
USER 65532:65532
WORKDIR /etc/cloudip_exporter
ENV STATE_DIRECTORY=/var/lib/cloudip_exporter
VOLUME /var/lib/cloudip_exporter
EXPOSE 9877
HEALTHCHECK --start-period=10s CMD ["/usr/bin/cloudip_exporter", "healthcheck"]
ENTRYPOINT ["/usr/bin/cloudip_exporter"]
CMD ["serve"]
