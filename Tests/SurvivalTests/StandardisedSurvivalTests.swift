import Glibc
import LinearAlgebra
import TestSupport
import Testing

@testable import Survival

/// Reference values: R 4.2.2, survival 3.5-3 on `lung` without missing values. Means are those of `survfit(fit, newdata)` over
/// the rows with `sex` set to 1 and 2; their covariance is brute force: the gradient of the mean in the coefficients by
/// differences of `coxph(init =, iter.max = 0)` and `basehaz`, and the baseline's variance summed event by event.
@Suite("Standardised survival")
struct StandardisedSurvivalTests {
  private let rows: [Int]
  private let data: SurvivalData
  private let design: Matrix
  private let sex: [Double]

  init() throws {
    let lung = Table("lung.csv")
    rows = lung.complete(["sex", "age", "ph.ecog", "wt.loss"])
    data = try SurvivalData(
      time: rows.map { lung["time"][$0] }, event: rows.map { lung["status"][$0] == 2 })
    design = lung.design(["sex", "age", "ph.ecog"], rows: rows)
    sex = design.column(0)
  }

  private func version(_ value: Double) -> CoxFit.Version {
    var set = design
    set.setColumn(0, [Double](repeating: value, count: design.rows))
    return CoxFit.Version(covariates: set)
  }

  private struct Expected {
    let ties: CoxTies
    let time: Double
    let means: [Double]
    let errors: [Double]
    let difference: Double
    let population: [Double]
    let populationDifference: Double
  }

  private static let expected = [
    Expected(
      ties: .efron, time: 180, means: [0.69982393298855, 0.815632781249571],
      errors: [0.0358983443550795, 0.0303097472069302], difference: 0.0344695772420355,
      population: [0.0364769212285807, 0.0306245484349219], populationDifference: 0.0345335372866978),
    Expected(
      ties: .efron, time: 365, means: [0.355372631160895, 0.547341795308049],
      errors: [0.0412721301913323, 0.0494464799836289], difference: 0.0567264037954864,
      population: [0.0422209837754593, 0.0501426600678002], populationDifference: 0.0567359926903726),
    Expected(
      ties: .breslow, time: 365, means: [0.356015330469169, 0.547736256993994],
      errors: [0.0412813424970748, 0.0494291041922808], difference: 0.0567275210448571,
      population: [0.0422273435809065, 0.0501225590062269], populationDifference: 0.0567370812287831),
  ]

  @Test("means, errors and the error of their difference are brute force's")
  func bruteForce() throws {
    for e in Self.expected {
      let fit = try CoxModel(ties: e.ties).fit(data, design: design)
      for (ofPopulation, errors, difference) in [
        (false, e.errors, e.difference), (true, e.population, e.populationDifference),
      ] {
        let found = try #require(
          fit.standardisedSurvival([version(1), version(2)], times: [e.time], ofPopulation: ofPopulation))[0]
        for a in 0..<2 {
          expectClose(found.survival[a], e.means[a], relative: 1e-9)
          expectClose(found.covariance[a, a].squareRoot(), errors[a], relative: 1e-7)
        }
        let c = found.covariance
        expectClose((c[0, 0] + c[1, 1] - 2 * c[0, 1]).squareRoot(), difference, relative: 1e-7)
        #expect(!found.isBeyond)
      }
    }
  }

  @Test(
    "with strata each row follows its own baseline; nobody's covariates changed gives the mean of the curves")
  func strata() throws {
    let codes = sex.map { Int32($0 - 1) }
    let others = design.selecting(columns: [1, 2])
    let fit = try CoxModel().fit(data, design: others, stratum: codes, stratumCount: 2)
    let asIs = CoxFit.Version(covariates: others, strata: codes)
    let all1 = CoxFit.Version(covariates: others, strata: [Int32](repeating: 0, count: codes.count))
    let found = try #require(fit.standardisedSurvival([asIs, all1], times: [365]))[0]
    let curves = fit.predictedSurvival(covariates: others, strata: codes, times: [365])
    let mean = curves.reduce(0) { $0 + $1[0].survival } / Double(curves.count)
    expectClose(found.survival[0], mean, relative: 1e-12)
    // mean(summary(survfit(coxph(… ~ age + ph.ecog + strata(sex)), newdata with sex = 1), times = 365)$surv)
    expectClose(found.survival[1], 0.353983247174964, relative: 1e-9)
  }

  @Test("follow-up cut into rows changes nothing where one row of each person is averaged")
  func cutRows() throws {
    let whole = try CoxModel().fit(data, design: design)
    var source: [Int] = []
    var entry: [Double] = []
    var exit: [Double] = []
    var event: [Bool] = []
    var first: [Int] = []
    for row in 0..<data.count {
      first.append(source.count)
      for (cut, end) in [(0.0, 150), (150, 400), (400, Double.infinity)] where cut < data.time(row) {
        source.append(row)
        entry.append(cut)
        exit.append(min(end, data.time(row)))
        event.append(end >= data.time(row) && data.cause[row] == 1)
      }
    }
    let cut = try CoxModel().fit(
      SurvivalData(time: exit, entry: entry, event: event), design: design.selecting(rows: source))
    for ofPopulation in [false, true] {
      let a = try #require(
        whole.standardisedSurvival([version(1), version(2)], times: [180, 365], ofPopulation: ofPopulation))
      let b = try #require(
        cut.standardisedSurvival(
          [version(1), version(2)].map { .init(covariates: $0.covariates.selecting(rows: source)) },
          over: first, times: [180, 365], ofPopulation: ofPopulation))
      for (one, other) in zip(a, b) {
        for i in 0..<2 {
          expectClose(one.survival[i], other.survival[i], relative: 1e-10)
          for j in 0..<2 { expectClose(one.covariance[i, j], other.covariance[i, j], relative: 1e-8) }
        }
      }
    }
  }

  @Test("one person's mean is that person's curve, its error included; weight 2 is a row twice under Breslow")
  func single() throws {
    let fit = try CoxModel(ties: .breslow).fit(data, design: design)
    let row = design.selecting(rows: [7])
    let same = Matrix(rowMajor: [[Double]](repeating: row.row(0), count: design.rows))
    let found = try #require(fit.standardisedSurvival([.init(covariates: same)], times: [100, 365, 5000]))
    let curve = fit.predictedSurvival(covariates: row, times: [100, 365, 5000])[0]
    for (mean, point) in zip(found, curve) {
      expectClose(mean.survival[0], point.survival, relative: 1e-12)
      expectClose(mean.covariance[0, 0].squareRoot(), point.standardError, relative: 1e-10)
      #expect(mean.isBeyond == point.isBeyond)
    }
    let weights = (0..<data.count).map { $0 % 3 == 0 ? 2.0 : 1 }
    let copies = (0..<data.count).flatMap { $0 % 3 == 0 ? [$0, $0] : [$0] }
    let weighted = try CoxModel(ties: .breslow).fit(data, design: design, weights: weights)
    let copied = try CoxModel(ties: .breslow).fit(
      data.selecting(rows: copies), design: design.selecting(rows: copies))
    let a = try #require(weighted.standardisedSurvival([version(1), version(2)], times: [180]))[0]
    let both = [version(1), version(2)].map {
      CoxFit.Version(covariates: $0.covariates.selecting(rows: copies))
    }
    let b = try #require(copied.standardisedSurvival(both, times: [180]))[0]
    for i in 0..<2 {
      expectClose(a.survival[i], b.survival[i], relative: 1e-10)
      for j in 0..<2 { expectClose(a.covariance[i, j], b.covariance[i, j], relative: 1e-8) }
    }
  }
}

@Suite("Predicted cumulative incidence")
struct PredictedIncidenceTests {
  /// R 4.2.2, cmprsk: `predict(crr(t2, cr, cbind(group == 2, group == 3, z1, z10)), rbind(c(0, 1, 30, 0), c(1, 0, 22, 1)))`.
  @Test("is that of cmprsk's predict")
  func reference() throws {
    let bmt = Table("bmt.csv")
    let data = try SurvivalData(time: bmt["t2"], cause: bmt["cr"].map { Int32($0) })
    let group = bmt["group"]
    let design = Matrix(columns: [
      group.map { $0 == 2 ? 1 : 0 }, group.map { $0 == 3 ? 1 : 0 }, bmt["z1"], bmt["z10"],
    ])
    let fit = try FineGrayModel().fit(data, design: design)
    let people = Matrix(rowMajor: [[0, 1, 30, 0], [1, 0, 22, 1], [.nan, 0, 22, 1]])
    let curves = fit.predictedIncidence(covariates: people, times: [10, 50, 365, 1000, 3000])
    let expected = [
      [0, 0.046524518652343, 0.33115769853960, 0.46851606077008],
      [0, 0.014480518641469, 0.11586314654506, 0.17595008969939],
    ]
    for (curve, values) in zip(curves, expected) {
      for (point, value) in zip(curve, values) { expectClose(point.incidence, value, relative: 1e-7) }
      #expect(curve.map(\.isBeyond) == [false, false, false, false, true])
    }
    #expect(curves[2].isEmpty)
  }
}
