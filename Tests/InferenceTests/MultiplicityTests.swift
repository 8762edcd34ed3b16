import Inference
import TestSupport
import Testing

@Suite("Multiplicity")
struct MultiplicityTests {
  let p = [0.01, 0.04, 0.03]
  let z = [2.575829303548901, 2.053748910631823, 2.170090377584560]

  func adjusted(_ method: MultiplicityAdjustment) -> [Double] {
    method.adjusted(
      p, statistics: z, references: [.normal, .normal, .normal], means: 3)
  }

  @Test("Bonferroni and Holm by hand")
  func byHand() {
    expectClose(adjusted(.bonferroni), [0.03, 0.12, 0.09], relative: 1e-12)
    // Holm: 3·0.01; 2·0.03; max(0.06, 1·0.04).
    expectClose(adjusted(.holm), [0.03, 0.06, 0.06], relative: 1e-12)
    #expect(adjusted(.none) == p)
  }

  @Test("what has no p-value gets none, and leaves the others theirs")
  func withoutValue() {
    for method in [MultiplicityAdjustment.bonferroni, .holm] {
      let result = method.adjusted(
        [0.02, .nan, 0.01], statistics: [], references: [], means: 0, contrasts: 3)
      #expect(result[1].isNaN)
      expectClose([result[0], result[2]], method == .holm ? [0.04, 0.03] : [0.06, 0.03], relative: 1e-12)
    }
  }

  @Test("Tukey equals R's ptukey")
  func tukey() {
    // R 4.2.2: ptukey(2.575829303548901*sqrt(2), 3, Inf, lower.tail = FALSE) and so on.
    expectClose(
      adjusted(.tukey), [0.0270222249482, 0.0996762741706, 0.0763762318038], relative: 1e-10,
      because: "R 4.2.2")
  }

  @Test("limits of a family widen with its size")
  func criticalValues() {
    let one = MultiplicityAdjustment.none.criticalValue(
      level: 0.95, reference: .normal, contrasts: 3, means: 3)
    expectClose(one, 1.959963984540054, relative: 1e-12)
    let bonferroni = MultiplicityAdjustment.bonferroni.criticalValue(
      level: 0.95, reference: .normal, contrasts: 3, means: 3)
    expectClose(bonferroni, 2.393979800, relative: 1e-8, because: "qnorm(1 - 0.05/6)")
    let tukey = MultiplicityAdjustment.tukey.criticalValue(
      level: 0.95, reference: .t(20), contrasts: 3, means: 3)
    expectClose(tukey, 2.52998180524, relative: 1e-10, because: "qtukey(0.95, 3, 20)/sqrt(2)")
  }
}
