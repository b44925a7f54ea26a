# A static binary, the certificates of public authorities, and nothing else.
#
#   docker build -t cloudip_exporter .
#   docker run --rm -p 127.0.0.1:9877:9877 cloudip_exporter serve --demo
#   docker run -d -p 9877:9877 -v /etc/cloudip_exporter:/etc/cloudip_exporter:ro cloudip_exporter
ARG BUILD_IMAGE=golang:1.26
ARG BASE_IMAGE=scratch

FROM ${BUILD_IMAGE} AS build
ARG VERSION=dev
ARG REVISION=unknown
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X github.com/prometheus/common/version.Version=${VERSION} -X github.com/prometheus/common/version.Revision=${REVISION}" -o /out/cloudip_exporter .

FROM ${BASE_IMAGE}
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/cloudip_exporter /usr/bin/cloudip_exporter
USER 65532:65532
WORKDIR /etc/cloudip_exporter
EXPOSE 9877
ENTRYPOINT ["/usr/bin/cloudip_exporter"]
CMD ["serve"]
