import LinearAlgebra
import Survival
import Testing

@Suite("Failure time models, restricted means and competing risks against R")
struct ParametricReferenceTests {
  let lung = Table("lung.csv")
  let bmt = Table("bmt.csv")

  @Test("accelerated failure time models", arguments: FailureDistribution.allCases)
  func failureTime(_ distribution: FailureDistribution) throws {
    let rows = CoxReferenceTests.rows
    let fit = try FailureTimeModel(distribution).fit(
      CoxReferenceTests.lungData(), design: intercept(["age", "sex", "ph.ecog"], rows))
    let r = Reference("aft-\(distribution.rawValue)")
    expectReference(fit.coefficients.map { $0 ?? .nan }, r["coef"], relative: 1e-8, "coef")
    expectReference(fit.covariance.matrix.storage, r["var"], relative: 1e-7, "var")
    expectReference([fit.scale], r["scale"], relative: 1e-8, "scale")
    expectReference([fit.nullLogLikelihood!, fit.logLikelihood], r["ll"], relative: 1e-10, "logLik")
    expectReference(
      [0.1, 0.5].map { fit.quantile($0, covariates: [1, 60, 2, 1]).estimate! }, r["q"], relative: 1e-8,
      "quantile")
    #expect(fit.status == .ok)
  }

  @Test("weights with the sandwich variance")
  func robust() throws {
    let rows = CoxReferenceTests.rows
    var model = FailureTimeModel(.weibull)
    model.variance = .robust
    let fit = try model.fit(
      CoxReferenceTests.lungData(), design: intercept(["age", "sex"], rows),
      weights: (1...rows.count).map { 1 + Double($0 % 3) / 2 })
    let r = Reference("aft-robust")
    expectReference(fit.coefficients.map { $0 ?? .nan }, r["coef"], relative: 1e-8, "coef")
    expectReference(fit.covariance.matrix.storage, r["var"], relative: 1e-7, "var")
    expectReference([fit.nullLogLikelihood!, fit.logLikelihood], r["ll"], relative: 1e-10, "logLik")
  }

  private func intercept(_ names: [String], _ rows: [Int]) -> Matrix {
    Matrix(rows: rows.count, columns: 1, repeating: 1).appending(columnsOf: lung.design(names, rows: rows))
  }

  @Test("restricted means up to 500 days")
  func restrictedMean() throws {
    let data = try SurvivalData(time: lung["time"], event: lung["status"].map { $0 == 2 })
    let sex = codes(lung["sex"])
    let means = try KaplanMeier().fit(data, group: sex.codes, groupCount: 2).map {
      try RestrictedMean($0, tau: 500)
    }
    let r = Reference("rmst-lung")
    expectReference(means.map(\.estimate), r["rmst"], relative: 1e-12)
    expectReference(means.map(\.standardError), r["se"], relative: 1e-12)
  }

  private func competing(months: Bool = false) throws -> SurvivalData {
    try SurvivalData(
      time: bmt["t2"].map { months ? ($0 / 60).rounded(.up) : $0 },
      cause: bmt["cr"].map { Int32($0) })
  }

  @Test("cumulative incidence and Gray's test")
  func cumulativeIncidence() throws {
    let group = codes(bmt["group"])
    let strata = codes(bmt["z10"])
    for (name, months, rho, stratified, times) in [
      ("cuminc-bmt", false, 0.0, false, [50.0, 200, 500, 1000, 2204]),
      ("cuminc-bmt-rho", false, 1, false, [50, 200, 500, 1000, 2204]),
      ("cuminc-bmt-strata", false, 0.5, true, [50, 200, 500, 1000, 2204]),
      ("cuminc-bmt-ties", true, 0, false, [1, 4, 12, 30]),
    ] {
      let r = Reference(name)
      let data = try competing(months: months)
      let curves = CumulativeIncidence().fit(data, group: group.codes, groupCount: 3, causes: 2)
      // R lists cause by cause, group by group; beyond the last follow-up it has no value.
      let order = (0..<2).flatMap { cause in (0..<3).map { curves[$0][cause] } }
      let values = times.flatMap { t in
        order.map { t > $0.lastTime ? (estimate: Double.nan, variance: Double.nan) : $0.at(t) }
      }
      expectReference(values.map(\.estimate), r["est"], relative: 1e-11, "\(name) estimate")
      expectReference(values.map(\.variance), r["var"], relative: 1e-9, "\(name) variance")
      let tests = try (1...2).map { cause in
        try GrayTest(rho: rho).test(
          data, cause: cause, group: group.codes, groupCount: 3,
          stratum: stratified ? strata.codes : nil, stratumCount: stratified ? 2 : 1)
      }
      expectReference(tests.map(\.statistic), r["stat"], relative: 1e-9, "\(name) Gray")
    }
  }

  @Test("Fine–Gray models")
  func fineGray() throws {
    let group = bmt["group"]
    let x = Matrix(columns: [
      group.map { $0 == 2 ? 1 : 0 }, group.map { $0 == 3 ? 1 : 0 }, bmt["z1"], bmt["z8"],
    ])
    for (name, months, cause) in [
      ("finegray-1", false, 1), ("finegray-2", false, 2), ("finegray-ties", true, 1),
    ] {
      let r = Reference(name)
      let fit = try FineGrayModel(cause: cause).fit(competing(months: months), design: x)
      // crr stops where the score is below 1e-11 times the log-likelihood, some 1e-8 short of the root.
      expectReference(fit.estimates, r["coef"], relative: 1e-7, "\(name) coef")
      expectReference(
        fit.modelCovariance.storage, r["inv"], relative: 1e-7, absolute: 1e-9, "\(name) information")
      expectReference(fit.covariance.matrix.storage, r["var"], relative: 1e-7, absolute: 1e-9, "\(name) var")
      expectReference([fit.nullLogLikelihood, fit.logLikelihood], r["ll"], relative: 1e-11, "\(name) logLik")
    }
  }
}
