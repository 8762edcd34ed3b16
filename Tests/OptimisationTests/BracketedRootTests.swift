import Glibc
import Optimisation
import TestSupport
import Testing

@Test("A bracketed root is found to the last digits")
func bracketedRoot() throws {
  // x³ − 2x − 5, the example of Wallis and of Newton.
  let root = try #require(BracketedRoot.find(in: 2...3) { $0 * $0 * $0 - 2 * $0 - 5 })
  expectClose(root, 2.0945514815423265, relative: 1e-14)
  let flat = try #require(BracketedRoot.find(in: -10...11) { pow($0 - 0.3, 9) })
  expectClose(flat, 0.3, absolute: 1e-6, because: "a root of ninth order leaves the sign to rounding")
  let step = try #require(BracketedRoot.find(in: 0...1) { $0 < 0.7 ? -1 : 1 })
  expectClose(step, 0.7, absolute: 1e-12)
  let infinite = try #require(BracketedRoot.find(in: 0...1) { log($0 / (1 - $0)) })
  expectClose(infinite, 0.5, absolute: 1e-13)
}

@Test("Without a change of sign there is no root; an end that is zero is one")
func noRoot() {
  #expect(BracketedRoot.find(in: 0...1) { $0 + 1 } == nil)
  #expect(BracketedRoot.find(in: 0...1) { _ in .nan } == nil)
  #expect(BracketedRoot.find(in: 0...1) { $0 } == 0)
}
