import Glibc
import Probability
import TestSupport
import Testing

@Suite("Gauss–Hermite quadrature")
struct GaussHermiteTests {
  @Test("small rules have their closed forms")
  func closedForms() {
    // Abramowitz & Stegun, table 25.10: one, two and three nodes.
    let root = Double.pi.squareRoot()
    #expect(GaussHermite(1).nodes == [0])
    expectClose(GaussHermite(1).weights, [root], relative: 1e-15)
    expectClose(GaussHermite(2).nodes, [-0.5.squareRoot(), 0.5.squareRoot()], relative: 1e-15)
    expectClose(GaussHermite(2).weights, [root / 2, root / 2], relative: 1e-15)
    expectClose(
      GaussHermite(3).nodes, [-1.5.squareRoot(), 0, 1.5.squareRoot()], relative: 1e-15)
    expectClose(GaussHermite(3).weights, [root / 6, 2 * root / 3, root / 6], relative: 1e-14)
  }

  @Test("a rule is exact for powers below twice its size", arguments: [1, 2, 5, 9, 20, 50])
  func moments(size: Int) {
    let rule = GaussHermite(size)
    var moment = Double.pi.squareRoot()
    for power in 0..<min(size, 12) {
      // ∫ x²ᵏ exp(−x²) dx = Γ(k + 1/2)
      if power > 0 { moment *= Double(power) - 0.5 }
      let sum = zip(rule.nodes, rule.weights).map { $1 * pow($0, 2 * Double(power)) }.reduce(0, +)
      expectClose(sum, moment, relative: 1e-13, because: "power \(2 * power)")
    }
    let odd = zip(rule.nodes, rule.weights).map { $1 * $0 * $0 * $0 }.reduce(0, +)
    expectClose(odd, 0, absolute: 1e-15)
  }

  @Test("the largest rule is finite and sums to √π")
  func largest() {
    let rule = GaussHermite(300)
    #expect(rule.weights.allSatisfy { $0 > 0 && $0.isFinite })
    expectClose(rule.weights.reduce(0, +), Double.pi.squareRoot(), relative: 1e-13)
    #expect(zip(rule.nodes, rule.nodes.dropFirst()).allSatisfy(<))
    // R 4.2.2, statmod 1.5.0: gauss.quad(300, "hermite")$nodes[300]
    expectClose(rule.nodes[299], 23.874809763694099, relative: 1e-13)
  }

  @Test("a smooth integral")
  func smooth() {
    // ∫ cos(x) exp(−x²) dx = √π exp(−1/4)
    let rule = GaussHermite(12)
    let sum = zip(rule.nodes, rule.weights).map { $1 * cos($0) }.reduce(0, +)
    expectClose(sum, Double.pi.squareRoot() * exp(-0.25), relative: 1e-14)
  }
}
