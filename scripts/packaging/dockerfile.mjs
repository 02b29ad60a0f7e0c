import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'

/** @returns sentences about what Docker would refuse or warn of */
export function lint(text) {
  return validate(text).map(({ range, message }) => `Dockerfile:${range.start.line + 1}: ${message}`)
}

/**
 * The steps of each stage in their order. A step is `{ keyword, text, words, flags }`; `words` of what is written as JSON are
 * its items.
 * @returns `[{ name, image, steps }]`
 */
export function stagesOf(text) {
  const stages = []
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const keyword = instruction.getKeyword().toUpperCase()
    if (keyword === 'FROM') {
      stages.push({ name: instruction.getBuildStage() ?? '', image: instruction.getImage(), steps: [] })
    } else {
      stages.at(-1).steps.push(stepOf(keyword, instruction))
    }
  }
  return stages
}

function stepOf(keyword, instruction) {
  const json = instruction.getJSONStrings?.() ?? []
  const isJson = json.length > 0
  const flags = Object.fromEntries((instruction.getFlags?.() ?? []).map((flag) => [flag.getName(), flag.getValue()]))
  const words = isJson ? json.map((one) => one.getJSONValue()) : instruction.getArguments().map((one) => one.getValue())
  return { keyword, text: instruction.getArgumentsContent() ?? '', words, isJson, flags }
}

/** What a step `ENV` sets. */
export function variablesOf({ words }) {
  return Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]))
}
