import { describe, expect, test } from 'vitest'
import { bucketAddress, widerNetwork } from '../../../src/access/rate-limits/addresses.ts'

describe('an address counts', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:5678', '192.0.2.1'],
  ])('%s as the IPv4 address (S77)', (address, bucket) => {
    expect(bucketAddress(address)).toBe(bucket)
  })

  test.each([
    '2001:db8:1:2::',
    '2001:db8:1:2::1',
    '2001:db8:1:2:ffff:ffff:ffff:ffff',
    '2001:DB8:1:2::1',
    '2001:0db8:0001:0002:0000:0000:0000:0001',
    '[2001:db8:1:2::1]',
    '[2001:db8:1:2::1]:5678',
    '2001:db8:1:2::1%eth0',
  ])('%s by its /64 (S77)', (address) => {
    expect(bucketAddress(address)).toBe('2001:db8:1:2::/64')
  })

  test.each([
    ['2001:db8:1::1', '2001:db8:1::/64'],
    ['2001:db8:1:0:2::1', '2001:db8:1::/64'],
    ['2001:db8::1', '2001:db8::/64'],
    ['::1', '::/64'],
    ['0:0:0:1::5', '0:0:0:1::/64'],
  ])('%s in one spelling', (address, bucket) => {
    expect(bucketAddress(address)).toBe(bucket)
  })

  test.each(['', 'unknown', '10', '192.0.2', '192.0.2.256', '010.0.0.1', '2001:db8::g', '[192.0.2.1]x'])(
    'not at all: %j',
    (address) => {
      expect(bucketAddress(address)).toBeUndefined()
    },
  )
})

test.each([
  ['192.0.2.1', '192.0.0.0/16'],
  ['2001:db8:1:2::/64', '2001:db8::/32'],
  ['2001:db8::/64', '2001:db8::/32'],
  ['::/64', '::/32'],
])('without room, %s is counted with its neighbours in %s', (bucket, network) => {
  expect(widerNetwork(bucket)).toBe(network)
})
