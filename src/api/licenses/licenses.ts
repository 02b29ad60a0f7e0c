/** A license under which music may be shared. */
export interface License {
  /** The address by which the tags of files name it. */
  id: string
  url: string
  code: string
  name: string
  redistribute: boolean
  derivative: boolean
  commercial: boolean
  attribution: boolean
  copyleft: boolean
}

const others: License[] = [
  {
    id: 'http://creativecommons.org/publicdomain/zero/1.0/',
    url: 'https://creativecommons.org/publicdomain/zero/1.0/',
    code: 'cc0-1.0',
    name: 'CC0 - Public domain',
    redistribute: true,
    derivative: true,
    commercial: true,
    attribution: false,
    copyleft: false,
  },
  {
    id: 'http://artlibre.org/licence/lal/',
    url: 'https://artlibre.org/licence/lal/',
    code: 'LAL-1.3',
    name: 'Licence Art Libre 1.3',
    redistribute: true,
    derivative: true,
    commercial: true,
    attribution: true,
    copyleft: true,
  },
]

const types = ['by', 'by-sa', 'by-nc', 'by-nc-sa', 'by-nc-nd', 'by-nd']

const terms = new Map([
  ['by', 'Attribution'],
  ['sa', 'ShareAlike'],
  ['nc', 'NonCommercial'],
  ['nd', 'NoDerivatives'],
])

/** Versions that are not of one country. */
const international = ['1.0', '2.0', '2.5', '3.0', '4.0']

/** Where a version was adapted to a country's law. */
const countries: Record<string, Record<string, string>> = {
  '3.0': {
    at: 'Austria',
    au: 'Australia',
    br: 'Brazil',
    ch: 'Switzerland',
    cl: 'Chile',
    cn: 'China Mainland',
    cr: 'Costa Rica',
    cz: 'Czech Republic',
    de: 'Germany',
    ec: 'Ecuador',
    ee: 'Estonia',
    eg: 'Egypt',
    es: 'Spain',
    fr: 'France',
    gr: 'Greece',
    gt: 'Guatemala',
    hk: 'Hong Kong',
    hr: 'Croatia',
    ie: 'Ireland',
    igo: 'IGO',
    it: 'Italy',
    lu: 'Luxembourg',
    nl: 'Netherlands',
    no: 'Norway',
    nz: 'New Zealand',
    ph: 'Philippines',
    pl: 'Poland',
    pr: 'Puerto Rico',
    pt: 'Portugal',
    ro: 'Romania',
    rs: 'Serbia',
    sg: 'Singapore',
    th: 'Thailand',
    tw: 'Taiwan',
    ug: 'Uganda',
    us: 'United States',
    ve: 'Venezuela',
    vn: 'Vietnam',
    za: 'South Africa',
  },
  '2.5': {
    ar: 'Argentina',
    bg: 'Bulgaria',
    ca: 'Canada',
    co: 'Colombia',
    dk: 'Denmark',
    hu: 'Hungary',
    il: 'Israel',
    in: 'India',
    mk: 'North Macedonia',
    mt: 'Malta',
    mx: 'Mexico',
    my: 'Malaysia',
    pe: 'Peru',
    scotland: 'UK: Scotland',
  },
}

/** All that are known, by code. */
export const licenses: readonly License[] = [...others, ...types.flatMap(ofType)].sort((a, b) =>
  a.code.toLowerCase() < b.code.toLowerCase() ? -1 : 1,
)

export const licenseCodes = licenses.map(({ code }) => code)

export function findLicense(code: string): License | undefined {
  return licenses.find((license) => license.code === code)
}

/** The Creative Commons licenses of a type. */
function ofType(type: string): License[] {
  const general = international.map((version) => creativeCommons(type, version))
  const adapted = Object.entries(countries).flatMap(([version, names]) =>
    Object.entries(names).map((country) => creativeCommons(type, version, country)),
  )
  return [...general, ...adapted]
}

function creativeCommons(type: string, version: string, country?: [code: string, name: string]): License {
  const parts = type.split('-')
  const address = `creativecommons.org/licenses/${type}/${version}/${country ? `${country[0]}/` : ''}`
  return {
    id: `http://${address}`,
    url: `https://${address}`,
    code: ['cc', type, version, ...(country ? [country[0]] : [])].join('-'),
    name: `Creative commons - ${parts.map((part) => terms.get(part)).join('-')} ${version}${country ? ` ${country[1]}` : ''}`,
    redistribute: true,
    derivative: !parts.includes('nd'),
    commercial: !parts.includes('nc'),
    attribution: true,
    copyleft: parts.includes('sa'),
  }
}
