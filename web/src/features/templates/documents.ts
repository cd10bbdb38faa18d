import { graphql } from '../../gql/index.ts';

export const TemplateParts = graphql(`
  fragment TemplateParts on PromptTemplate {
    id
    name
    category
    description
    content
    builtIn
    variables
  }
`);

export const Templates = graphql(`
  query Templates {
    promptTemplates {
      ...TemplateParts
    }
  }
`);

/** The texts of a category's templates with these values: what is filled in, and how, the server knows. */
export const FilledTemplates = graphql(`
  query FilledTemplates($category: String!, $values: [PromptTemplateValueInput!]) {
    promptTemplates(category: $category) {
      id
      text(values: $values)
    }
  }
`);

export const CreateTemplate = graphql(`
  mutation CreateTemplate($input: PromptTemplateInput!) {
    createPromptTemplate(input: $input) {
      ...TemplateParts
    }
  }
`);

export const UpdateTemplate = graphql(`
  mutation UpdateTemplate($id: ID!, $input: PromptTemplateInput!) {
    updatePromptTemplate(id: $id, input: $input) {
      ...TemplateParts
    }
  }
`);

export const DeleteTemplate = graphql(`
  mutation DeleteTemplate($id: ID!) {
    deletePromptTemplate(id: $id)
  }
`);
