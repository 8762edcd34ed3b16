import Testing
import TrialData

@testable import TrialAnalysis

@Suite("Tolerances of a plan")
struct VerificationPlanTests {
  private func read(_ text: String) throws -> VerificationPlan {
    let faults = YAMLFaults(file: "plan.yml")
    let plan = VerificationPlan(try YAMLMapping.root(of: text, faults: faults))
    try faults.throwIfAny()
    return plan
  }

  @Test("by measure, by field, and for the rest")
  func kinds() throws {
    let plan = try read(
      "tolerance: {default: exact, hazard-ratio: 0.001, p.value: 1e-6 relative, estimate: printed}")
    #expect(plan.tolerance(of: "estimate", measure: .hazardRatio) == .absolute(0.001))
    #expect(plan.tolerance(of: "conf.low", measure: .hazardRatio) == .absolute(0.001))
    // A p-value is no hazard ratio.
    #expect(plan.tolerance(of: "p.value", measure: .hazardRatio) == .relative(1e-6))
    #expect(plan.tolerance(of: "estimate", measure: .risk) == .printed)
    #expect(plan.tolerance(of: "statistic", measure: .test) == .exact)
    #expect(plan.isLoosened("estimate", measure: .hazardRatio))
    #expect(!plan.isLoosened("estimate", measure: .risk))
    #expect(VerificationPlan().tolerance(of: "estimate", measure: .mean) == .printed)
  }

  @Test("what is no tolerance and no kind is a fault", arguments: ["0.1 percent", "-1", "near", "nan"])
  func faults(_ text: String) {
    #expect(throws: DataError.self) { try read("tolerance: {mean: \(text)}") }
  }

  @Test("an unknown kind is answered with the nearest")
  func unknown() throws {
    let error = #expect(throws: DataError.self) { try read("tolerance: {hazard-ration: 1}") }
    #expect(error?.problems.first?.expected == "'hazard-ratio' expected")
  }
}
