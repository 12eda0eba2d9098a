/**
 * A line on a terminal's standard error with how far the work is, at what rate, and how long it will take; nothing
 * anywhere else. Work that looks at everything several times counts each thing once for all its `passes`;  It is drawn at most four times a second, and from the second second on.
 */
export function rateLine(
  total: number,
  unit: string,
  passes = 1,
): { done(n: number): void; end(): void } {
  const began = performance.now()
  let drawn = 0
  let count = 0
  let shown = false
  return {
    done(n) {
      count += n
      const now = performance.now()
      if (!process.stderr.isTTY || now - began < 1000 || now - drawn < 250) return
      drawn = now
      shown = true
      process.stderr.write(
        `\r\u001b[K${rateText(count / passes, total / passes, unit, (now - began) / 1000)}`,
      )
    },
    end() {
      if (shown) process.stderr.write('\r\u001b[K')
    },
  }
}

/** `3,000,000 / 20,000,000 bills · 15% · 4,100,000/s · 5 s left`. */
export function rateText(done: number, total: number, unit: string, seconds: number): string {
  const whole = (n: number) => Math.round(n).toLocaleString('en-US')
  const rate = seconds > 0 ? done / seconds : 0
  const left = rate > 0 ? Math.ceil(Math.max(0, total - done) / rate) : 0
  const percent = total > 0 ? Math.floor((100 * Math.min(done, total)) / total) : 100
  return `${whole(done)} / ${whole(total)} ${unit} · ${percent}% · ${whole(rate)}/s · ${whole(left)} s left`
}
