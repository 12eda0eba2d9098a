/** The first character and a mark for each of the others: 张三 is 张*. */
export function masked(name: string): string {
  const [first = '', ...rest] = name
  return first + rest.map(() => '*').join('')
}
