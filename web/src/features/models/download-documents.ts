import { graphql } from '../../gql/index.ts';

export const Catalogue = graphql(`
  query Catalogue {
    modelCatalogue {
      name
      repository
      parameters
      quantization
      license
      sizeBytes
      memoryEstimateBytes
      fits
      installed
    }
  }
`);

export const DownloadParts = graphql(`
  fragment DownloadParts on Download {
    id
    name
    status
    receivedBytes
    totalBytes
    bytesPerSecond
    error
  }
`);

export const Downloads = graphql(`
  query Downloads {
    modelDownloads {
      ...DownloadParts
    }
  }
`);

export const PullModel = graphql(`
  mutation PullModel($name: String!) {
    pullModel(name: $name) {
      ...DownloadParts
    }
  }
`);

export const CancelDownload = graphql(`
  mutation CancelDownload($id: ID!) {
    cancelDownload(id: $id) {
      ...DownloadParts
    }
  }
`);

export const FollowDownload = graphql(`
  subscription FollowDownload($id: ID!) {
    modelDownload(id: $id) {
      ...DownloadParts
    }
  }
`);
