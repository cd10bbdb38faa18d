import { graphql } from '../../gql/index.ts';

export const ModelParts = graphql(`
  fragment ModelParts on Model {
    name
    provider
    isDefault
    loaded
    sizeBytes
    parameters
    quantization
    contextLength
    threads
    memoryEstimateBytes
    notice
    problem
  }
`);

export const Models = graphql(`
  query Models {
    models {
      ...ModelParts
    }
  }
`);

export const SetModel = graphql(`
  mutation SetModel($id: ID!, $model: String) {
    updateSession(id: $id, input: { model: $model }) {
      id
      modelName
    }
  }
`);

export const LoadModel = graphql(`
  mutation LoadModel($name: String!) {
    loadModel(name: $name) {
      ...ModelParts
    }
  }
`);

export const UnloadModel = graphql(`
  mutation UnloadModel($name: String!) {
    unloadModel(name: $name) {
      ...ModelParts
    }
  }
`);
