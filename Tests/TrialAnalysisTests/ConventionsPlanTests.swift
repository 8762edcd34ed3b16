import ModelFitting
import TestSupport
import Testing
import TrialData

@testable import TrialAnalysis

/// Plans over the HELP trial's files that ask for another software's conventions, for a two-part mean and for imputation.
@Suite("Plans with conventions, two-part means and imputation")
struct ConventionsPlanTests {
  private static let analyses = """
    derive:
      - {column: cesd12, data: followup, value: CES_D, visit: "12"}
    analyses:
      - {id: linked, kind: risk, title: Linkage, outcome: link, event: "yes"}
      - {id: first, kind: cox, title: Time to linkage, outcome: link, event: "yes", time: dayslink}
      - {id: visits, kind: two-part, title: Hospitalisations, outcome: d1, covariates: [age], bootstrap: 100}
      - id: mood
        kind: linear
        title: Depressive symptoms
        outcome: cesd12
        imputation: {imputations: 10, auxiliary: [mcs]}
        variants:
          - {id: complete, covariates: [cesd, age]}
          - {id: imputed, covariates: [cesd, age], missing: multiple-imputation}
    """

  private static func outcome(_ head: String) throws -> AnalysisRun {
    let directory = HelpTrial.fixture("help")
    let text = """
      trial: {id: HELP, title: HELP}
      codebook: codebook.yml
      data:
        participants: {file: help_baseline.csv, key: id}
        followup: {file: help_followup.csv, key: ID, visit: {column: TIME}}
      arms: {column: treat, control: "no", levels: [{value: "no"}, {value: "yes"}]}
      sets: [{id: all, label: All}]
      \(head)
      \(analyses)
      """
    let plan = try PlanReader.read(text, file: "plan.yml", sha256: "")
    return try PlanRunner(plan: plan, dataDirectory: directory).run(codebook: directory + "/codebook.yml").run
  }

  private static let plain = Swift.Result { try outcome("seed: 7") }
  private static let sas = Swift.Result { try outcome("seed: 7\nconventions: sas\nalso: r") }

  private func record(_ run: AnalysisRun, _ id: String) throws -> Result {
    try #require(run.results.first { $0.id == id }, "no record \(id) among \(run.results.map(\.id))")
  }

  @Test("The profile sets limits and ties, and the records carry the other software's numbers")
  func profile() throws {
    let run = try Self.sas.get()
    #expect(run.conventions == .sas && run.also == .r && run.rounding.ties == .away)
    let difference = try record(run, "linked/yes - no/risk-difference")
    #expect(difference.method == "Wald")
    let also = try #require(difference.also)
    #expect(also.profile == .r && also.estimate == difference.estimate)
    // prop.test widens Wald's limits by half of 1/n1 + 1/n2.
    #expect(also.low! < difference.low! && also.high! > difference.high!)
    let hazard = try record(run, "first/yes / no/armyes:hazard-ratio")
    #expect(hazard.conventions.contains(.init("ties", "breslow")))
    #expect(hazard.also!.conventions.contains(.init("ties", "efron")))
    let plain = try record(Self.plain.get(), "first/yes / no/armyes:hazard-ratio")
    expectClose(hazard.also!.estimate, plain.estimate!, relative: 1e-12)
    #expect(plain.also == nil)
  }

  @Test(
    "A two-part mean: shares of zeros, standardised means, their comparisons and the bootstrap beside them")
  func twoPart() throws {
    let run = try Self.plain.get()
    // R: table(d1 == 0, treat)
    #expect(try record(run, "visits.crude/no/zero:share").events == 44)
    #expect(try record(run, "visits.crude/yes/zero:share").events == 49)
    let crude = try record(run, "visits.crude/yes - no/armyes:mean-difference")
    let means = try ["no", "yes"].map { try record(run, "visits.crude/\($0)/standardised:mean").estimate! }
    expectClose(crude.estimate, means[1] - means[0], relative: 1e-12)
    #expect(try record(run, "visits.adjusted/yes / no/armyes:mean-ratio").pValue != nil)
    let bootstrap = try record(run, "visits.crude-bootstrap/yes - no/armyes:mean-difference")
    expectClose(bootstrap.standardError, crude.standardError!, relative: 0.35)
    #expect(run.analyses.first { $0.id == "visits" }?.status == .ok)
  }

  @Test("Imputed outcomes: everybody counts, the degrees of freedom are pooled and named")
  func imputation() throws {
    let run = try Self.plain.get()
    let complete = try record(run, "mood.complete/yes - no/armyes:mean-difference")
    let imputed = try record(run, "mood.imputed/yes - no/armyes:mean-difference")
    #expect(complete.n! < 250 && imputed.n == 470)
    #expect(imputed.df! < complete.df! && imputed.df! > 5)
    #expect(imputed.method == "linear regression after multiple imputation")
    #expect(imputed.conventions.contains(.init("df", "Barnard-Rubin")))
    let sas = try record(Self.sas.get(), "mood.imputed/yes - no/armyes:mean-difference")
    // The same imputations; Rubin's degrees of freedom know nothing of the sample's size.
    expectClose(sas.estimate, imputed.estimate!, relative: 1e-12)
    #expect(sas.df! > imputed.df!)
    expectClose(sas.also!.df, imputed.df!, relative: 1e-12)
  }

  /// Traps of defaults that no single model has: half of a last digit, quantiles, degrees of freedom after imputation.
  @Test(
    "Tables round halves and take quantiles as the profile's software does",
    arguments: [
      // R 4.2.2: quantile(c(3, 1, 4, 1, 5, 9, 2, 6, 5, 35), c(0.25, 0.9), type = 7 and 2).
      (ConventionProfile.r, AnalysisRun.Rounding.Ties.even, [2.25, 11.6]), (.sas, .away, [2, 22]),
      (.stata, .away, [2, 22]),
    ])
  func tables(
    profile: ConventionProfile, ties: AnalysisRun.Rounding.Ties, quantiles: [Double]
  ) {
    #expect(profile.roundingTies == ties)
    let sample = SampleSummary([3, 1, 4, 1, 5, 9, 2, 6, 5, 35])
    for (p, expected) in zip([0.25, 0.9], quantiles) {
      expectClose(sample.quantile(p, type: profile.quantiles), expected, relative: 1e-14)
    }
  }

  @Test("Multiple imputation is for linear regressions")
  func misplaced() {
    let text = """
      analyses:
        - {id: a, kind: risk, title: A, outcome: link, missing: multiple-imputation}
      """
    do {
      _ = try PlanReader.read(text, file: "plan.yml", sha256: "")
      Issue.record("the plan was read")
    } catch {
      #expect(error.problems.contains { $0.found.contains("multiple-imputation") })
    }
  }
}
