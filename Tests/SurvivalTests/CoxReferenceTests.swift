import Inference
import LinearAlgebra
import Survival
import Testing

@Suite("Cox models against R")
struct CoxReferenceTests {
  static let lung = Table("lung.csv")
  static let rows = lung.complete(["age", "sex", "ph.ecog", "wt.loss", "inst"])

  static func lungData() throws -> SurvivalData {
    try SurvivalData(
      time: rows.map { lung["time"][$0] }, event: rows.map { lung["status"][$0] == 2 })
  }

  /// Everything that `reference.R` wrote about a fit.
  private func check(
    _ name: String, _ fit: CoxFit, transform: TimeTransform = .km, terms: [Int]? = nil,
    weights: [Double]? = nil, clusters: (codes: [Int32], count: Int)? = nil
  ) throws {
    let r = Reference(name)
    expectReference(fit.coefficients.map { $0 ?? .nan }, r["coef"], relative: 1e-9, "\(name) coef")
    expectReference(fit.covariance.matrix.storage, r["var"], relative: 1e-8, absolute: 1e-12, "\(name) var")
    expectReference([fit.nullLogLikelihood, fit.logLikelihood], r["ll"], relative: 1e-12, "\(name) logLik")
    expectReference([fit.scoreTest.statistic], r["score"], relative: 1e-9, "\(name) score")
    expectReference([fit.waldTest.statistic], r["wald"], relative: 1e-8, "\(name) wald")
    let c = fit.concordance(clusters: clusters)
    expectReference([c.estimate, c.standardError], r["con"], relative: 1e-9, "\(name) concordance")
    let base = fit.baselineHazards()
    expectReference(base.flatMap(\.time), r["basetime"], relative: 0, "\(name) baseline times")
    expectReference(base.flatMap(\.cumulativeHazard), r["base"], relative: 1e-8, "\(name) baseline")
    expectReference(
      fit.baselineHazards(centered: true).flatMap(\.cumulativeHazard), r["basecentred"], relative: 1e-8,
      "\(name) centred baseline")
    guard fit.ties != .exact else { return }
    let zph = try fit.proportionalHazardsTest(
      termOfColumn: terms ?? Array(fit.coefficients.indices), transform: transform)
    let tests = zph.terms.compactMap { $0 } + [zph.global]
    expectReference(tests.map(\.statistic), r["zph"], relative: 1e-7, absolute: 1e-10, "\(name) zph")
    expectReference(tests.map(\.df), r["zdf"], relative: 0, "\(name) zph df")
    expectReference(
      thinned(fit.martingaleResiduals()), r["mart"], relative: 1e-8, absolute: 1e-10, "\(name) martingale")
    expectReference(
      thinned(fit.devianceResiduals()), r["dev"], relative: 1e-7, absolute: 1e-8, "\(name) deviance")
    expectReference(
      thinned(fit.scoreResiduals().storage), r["scoreres"], relative: 1e-7, absolute: 1e-8,
      "\(name) score residuals")
    expectReference(
      thinned(fit.coefficientChanges().storage), r["dfbeta"], relative: 1e-7, absolute: 1e-10,
      "\(name) dfbeta")
  }

  @Test("Efron, Breslow and exact ties on the lung data")
  func lungTies() throws {
    let data = try Self.lungData()
    let x = Self.lung.design(["age", "sex", "ph.ecog", "wt.loss"], rows: Self.rows)
    try check("cox-lung-efron", CoxModel().fit(data, design: x))
    try check("cox-lung-breslow", CoxModel(ties: .breslow).fit(data, design: x), transform: .rank)
    try check("cox-lung-exact", CoxModel(ties: .exact).fit(data, design: x.selecting(columns: [0, 1])))
  }

  @Test("strata, offset, robust variance and an aliased column")
  func lungOptions() throws {
    let data = try Self.lungData()
    let x = Self.lung.design(["age", "sex"], rows: Self.rows)
    let inst = codes(Self.rows.map { Self.lung["inst"][$0] })
    try check(
      "cox-lung-strata", CoxModel().fit(data, design: x, stratum: inst.codes, stratumCount: inst.count),
      transform: .log)
    try check("cox-lung-robust", CoxModel(variance: .robust).fit(data, design: x))
    try check(
      "cox-lung-offset",
      CoxModel().fit(data, design: x.selecting(columns: [1]), offset: x.column(0).map { $0 / 50 }))
    let sum = (0..<x.rows).map { x[$0, 0] + 2 * x[$0, 1] }
    let aliased = Matrix(columns: [
      x.column(0), x.column(1), sum, Self.rows.map { Self.lung["wt.loss"][$0] },
    ])
    try check("cox-lung-aliased", CoxModel().fit(data, design: aliased))
  }

  @Test("case weights")
  func weights() throws {
    let data = try Self.lungData()
    let x = Self.lung.design(["age", "sex"], rows: Self.rows)
    let w = (1...x.rows).map { 1 + Double($0 % 3) / 2 }
    try check("cox-lung-weights", CoxModel().fit(data, design: x, weights: w))
    try check(
      "cox-lung-weights-breslow",
      CoxModel(ties: .breslow, variance: .robust).fit(data, design: x, weights: w))
  }

  @Test("start–stop data: the heart transplant data")
  func heart() throws {
    let heart = Table("heart.csv")
    let data = try SurvivalData(
      time: heart["stop"], entry: heart["start"], event: heart["event"].map { $0 == 1 })
    let x = heart.design(["age", "surgery", "transplant"])
    try check("cox-heart", CoxModel().fit(data, design: x), transform: .identity)
    let exact = try CoxModel(ties: .exact).fit(data, design: x)
    let r = Reference("cox-heart-exact")
    expectReference(exact.estimates, r["coef"], relative: 1e-9)
    expectReference(exact.covariance.matrix.storage, r["var"], relative: 1e-8)
    expectReference([exact.nullLogLikelihood, exact.logLikelihood], r["ll"], relative: 1e-12)
    expectReference([exact.scoreTest.statistic], r["score"], relative: 1e-9)
  }

  @Test("recurrent events: Andersen–Gill with clusters, Prentice–Williams–Peterson with strata")
  func bladder() throws {
    let bladder = Table("bladder2.csv")
    let data = try SurvivalData(
      time: bladder["stop"], entry: bladder["start"], event: bladder["event"].map { $0 == 1 })
    let x = bladder.design(["rx", "number", "size"])
    let id = codes(bladder["id"])
    let number = codes(bladder["enum"])
    let variance = CoxModel.Variance.clustered(codes: id.codes, count: id.count)
    try check(
      "cox-bladder-cluster", CoxModel(variance: variance).fit(data, design: x), clusters: id)
    try check(
      "cox-bladder-strata",
      CoxModel(ties: .breslow, variance: variance).fit(
        data, design: x, stratum: number.codes, stratumCount: number.count), clusters: id)
  }

  @Test("heavy ties: the bone marrow data in months")
  func heavyTies() throws {
    let bmt = Table("bmt.csv")
    let data = try SurvivalData(
      time: bmt["t2"].map { ($0 / 30).rounded(.up) }, event: bmt["d3"].map { $0 == 1 })
    let group = bmt["group"]
    let x = Matrix(columns: [
      group.map { $0 == 2 ? 1 : 0 }, group.map { $0 == 3 ? 1 : 0 }, bmt["z1"], bmt["z10"],
    ])
    try check("cox-bmt-ties", CoxModel().fit(data, design: x), terms: [0, 0, 1, 2])
    try check("cox-bmt-ties-exact", CoxModel(ties: .exact).fit(data, design: bmt.design(["z1", "z10"])))
  }
}
