export const documentationTexts = {
  title: 'Documentation',
  all: 'All of the documentation',
}
