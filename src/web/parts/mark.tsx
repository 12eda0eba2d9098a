/** The name of the product, in both languages at once. */
export function Mark() {
  return (
    <span className="mark">
      <img src="/icon.svg" alt="" width="28" height="28" />
      <strong>康养</strong> <span lang="en">Kangyang</span>
    </span>
  )
}
