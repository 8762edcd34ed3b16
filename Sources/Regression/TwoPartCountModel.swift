import Glibc
import Inference
import LinearAlgebra
import Optimisation
import Probability

/// The data of a count model in two parts: counts with one design, zeros with another.
public struct TwoPartCountData: Sendable {
  /// The counts, their design, offset and prior weights.
  public var count: RegressionData
  /// The design of the zero part, n × q.
  public var zeroDesign: Matrix
  /// The names of its columns.
  public var zeroNames: [String]
  /// A known part of its linear predictor.
  public var zeroOffset: [Double]?

  /// Collects the data.
  ///
  /// - Precondition: both designs have the same rows.
  public init(
    count: RegressionData, zeroDesign: Matrix, zeroNames: [String], zeroOffset: [Double]? = nil
  ) {
    precondition(
      zeroDesign.rows == count.rowCount && zeroNames.count == zeroDesign.columns,
      "a zero part of \(zeroDesign.rows) × \(zeroDesign.columns) beside \(count.rowCount) rows")
    self.count = count
    self.zeroDesign = zeroDesign
    self.zeroNames = zeroNames
    self.zeroOffset = zeroOffset
  }

  func validate() throws(RegressionError) {
    try count.validate()
    var zero = count
    zero.design = zeroDesign
    zero.columnNames = zeroNames
    zero.offset = zeroOffset
    try zero.validate()
    if let row = count.response.firstIndex(where: { $0 < 0 || $0 != $0.rounded() }) {
      throw .responseOutOfRange(row: row, requirement: "a whole number from 0")
    }
    if !count.response.contains(0) {
      throw .invalidOption("no count is zero: a model of zeros has nothing to fit")
    }
    if count.response.allSatisfy({ $0 == 0 }) { throw .constantResponse }
  }

  func selecting(rows: [Int]) -> TwoPartCountData {
    TwoPartCountData(
      count: count.selecting(rows: rows), zeroDesign: zeroDesign.selecting(rows: rows), zeroNames: zeroNames,
      zeroOffset: zeroOffset.map { o in rows.map { o[$0] } })
  }
}

/// A count model in two parts: a hurdle to be taken, or excess zeros mixed in.
///
/// - Hurdle: P(0) = 1 − p, P(y) = p f(y)/(1 − f(0)) for y > 0; logit p = Zγ (R `pscl::hurdle`).
/// - Zero-inflated: P(0) = π + (1 − π) f(0), P(y) = (1 − π) f(y); logit π = Zγ (R `pscl::zeroinfl`).
///
/// f is Poisson or negative binomial with log μ = Xβ + offset. Maximum likelihood by Newton's method with analytic
/// second derivatives; the covariance is the inverse of the observed information of all parameters, log θ included.
/// Mullahy, J. Econometrics 33 (1986), doi 10.1016/0304-4076(86)90002-3; Lambert, Technometrics 34 (1992),
/// doi 10.2307/1269547; Zeileis, Kleiber & Jackman, J. Stat. Software 27(8) (2008), doi 10.18637/jss.v027.i08.
public struct TwoPartCountModel: Sendable {
  /// How the zeros come about.
  public enum Kind: String, Sendable {
    /// A binary model decides between zero and a positive count.
    case hurdle
    /// Zeros of a binary model are mixed with those of the counts.
    case zeroInflated = "zeroinfl"
  }

  /// How the zeros come about.
  public var kind: Kind
  /// The distribution of the counts.
  public var distribution: CountDistribution

  public init(_ kind: Kind, distribution: CountDistribution) {
    self.kind = kind
    self.distribution = distribution
  }

  /// Fits the model.
  ///
  /// - Throws: `RegressionError` where data are not finite, counts are no counts, or there is no zero to model.
  public func fit(_ data: TwoPartCountData) throws(RegressionError) -> TwoPartCountFit {
    try data.validate()
    let used = data.count.weightedRows.map { data.selecting(rows: $0) } ?? data
    let x = try OrthonormalDesign(used.count.design)
    let z = try OrthonormalDesign(used.zeroDesign)
    let likelihood = TwoPartLikelihood(model: self, data: used, x: x, z: z)
    let start = try startingValues(used, x: x, z: z)
    var newton = NewtonMethod()
    newton.maximumIterations = 200
    let (record, derivatives) = newton.minimise(from: start, likelihood.derivatives)
    guard let derivatives else { throw .noValidStart(link: Link.log.rawValue) }
    return try TwoPartCountFit(
      model: self, data: data, used: used, x: x, z: z, record: record, derivatives: derivatives,
      scores: likelihood.scores(at: record.solution))
  }

  /// A Poisson (or negative binomial) regression for the counts and a logistic one for the zeros, as in pscl.
  private func startingValues(
    _ data: TwoPartCountData, x: OrthonormalDesign, z: OrthonormalDesign
  ) throws(RegressionError) -> [Double] {
    var counts = try GeneralisedLinearModel(family: .poisson)
    counts.detectsSeparation = false
    counts.maximumIterations = 30
    let countFit = try counts.fit(data.count)
    var binary = data.count
    binary.design = data.zeroDesign
    binary.columnNames = data.zeroNames
    binary.offset = data.zeroOffset
    let hurdle = kind == .hurdle
    binary.response = data.count.response.map { ($0 > 0) == hurdle ? 1 : 0 }
    var zeros = try GeneralisedLinearModel(family: .binomial)
    zeros.detectsSeparation = false
    zeros.maximumIterations = 8
    let zeroFit = try zeros.fit(binary)
    var start = x.basisCoefficients(of: x.columns.map { countFit.coefficients[$0] ?? 0 })
    start += z.basisCoefficients(of: z.columns.map { zeroFit.coefficients[$0] ?? 0 })
    if distribution == .negativeBinomial { start.append(0) }
    return start
  }
}

/// Minus the log-likelihood of a two-part count model with its derivatives.
struct TwoPartLikelihood {
  let model: TwoPartCountModel
  let data: TwoPartCountData
  let x: OrthonormalDesign
  let z: OrthonormalDesign

  /// One row's log-likelihood by η (counts), τ = log θ and ζ (zeros).
  private struct Row {
    var counts = CountDensity.Jet()
    var zeta = 0.0
    var zetaZeta = 0.0
    var zetaEta = 0.0
    var zetaTau = 0.0
  }

  func derivatives(at parameters: [Double]) -> NewtonMethod.Derivatives? {
    let p = x.columns.count
    let q = z.columns.count
    let shape = model.distribution.shapeCount
    let n = data.count.rowCount
    let theta = shape == 1 ? exp(parameters[p + q]) : .infinity
    guard shape == 0 || (theta > 1e-12 && theta < 1e12) else { return nil }
    let density = CountDensity(distribution: model.distribution, theta: theta)
    let eta = x.basis * Array(parameters[0..<p])
    let zeta = z.basis * Array(parameters[p..<(p + q)])
    var value = 0.0
    var columns = (0..<7).map { _ in [Double](repeating: 0, count: n) }
    var tau = 0.0
    var tauTau = 0.0
    for i in 0..<n {
      let mu = exp(eta[i] + (data.count.offset?[i] ?? 0))
      guard mu.isFinite, mu > 0 else { return nil }
      let row = self.row(
        data.count.response[i], mean: mu, zeta: zeta[i] + (data.zeroOffset?[i] ?? 0), density)
      let w = data.count.weights?[i] ?? 1
      value -= w * row.counts.value
      tau -= w * row.counts.tau
      tauTau -= w * row.counts.tauTau
      columns[0][i] = -w * row.counts.eta
      columns[1][i] = -w * row.zeta
      columns[2][i] = -w * row.counts.etaEta
      columns[3][i] = -w * row.zetaZeta
      columns[4][i] = -w * row.zetaEta
      columns[5][i] = -w * row.counts.etaTau
      columns[6][i] = -w * row.zetaTau
    }
    var gradient = x.basis.transposedTimes(columns[0]) + z.basis.transposedTimes(columns[1])
    var hessian = Matrix(rows: p + q + shape, columns: p + q + shape)
    hessian.setBlock(x.basis.gram(weights: columns[2]), row: 0, column: 0)
    hessian.setBlock(z.basis.gram(weights: columns[3]), row: p, column: p)
    var scaled = x.basis
    scaled.scaleRows(by: columns[4])
    let cross = Matrix.product(z.basis, scaled, transposeFirst: true)
    hessian.setBlock(cross, row: p, column: 0)
    hessian.setBlock(cross.transposed(), row: 0, column: p)
    if shape == 1 {
      gradient.append(tau)
      let border = x.basis.transposedTimes(columns[5]) + z.basis.transposedTimes(columns[6])
      for j in border.indices {
        hessian[j, p + q] = border[j]
        hessian[p + q, j] = border[j]
      }
      hessian[p + q, p + q] = tauTau
    }
    return NewtonMethod.Derivatives(value: value, gradient: gradient, hessian: hessian)
  }

  /// The derivatives of each row's log-likelihood by the linear predictors of its counts and of its zeros.
  func scores(at parameters: [Double]) -> (counts: [Double], zeros: [Double]) {
    let p = x.columns.count
    let q = z.columns.count
    let theta = model.distribution.shapeCount == 1 ? exp(parameters[p + q]) : .infinity
    let density = CountDensity(distribution: model.distribution, theta: theta)
    let eta = x.basis * Array(parameters[0..<p])
    let zeta = z.basis * Array(parameters[p..<(p + q)])
    var counts = eta
    var zeros = zeta
    for i in eta.indices {
      let row = self.row(
        data.count.response[i], mean: exp(eta[i] + (data.count.offset?[i] ?? 0)),
        zeta: zeta[i] + (data.zeroOffset?[i] ?? 0), density)
      let w = data.count.weights?[i] ?? 1
      counts[i] = w * row.counts.eta
      zeros[i] = w * row.zeta
    }
    return (counts, zeros)
  }

  private func row(_ y: Double, mean mu: Double, zeta: Double, _ density: CountDensity) -> Row {
    // log(1 + e^ζ) without overflow, and the probability of the binary part.
    let softplus = max(zeta, 0) + log1p(exp(-abs(zeta)))
    let probability = zeta >= 0 ? 1 / (1 + exp(-zeta)) : exp(zeta) / (1 + exp(zeta))
    let spread = probability * (1 - probability)
    var row = Row()
    switch (model.kind, y > 0) {
    case (.hurdle, true):
      row.counts = density.logTruncated(y, mean: mu)
      row.counts.value += zeta - softplus
      row.zeta = 1 - probability
      row.zetaZeta = -spread
    case (.hurdle, false):
      row.counts.value = -softplus
      row.zeta = -probability
      row.zetaZeta = -spread
    case (.zeroInflated, true):
      row.counts = density.logProbability(of: y, mean: mu)
      row.counts.value -= softplus
      row.zeta = -probability
      row.zetaZeta = -spread
    case (.zeroInflated, false):
      // log(e^ζ + e^a) − log(1 + e^ζ); s is the posterior probability of an excess zero.
      let a = density.logZero(mean: mu)
      let high = max(zeta, a.value)
      let low = min(zeta, a.value)
      let s =
        zeta >= a.value ? 1 / (1 + exp(a.value - zeta)) : exp(zeta - a.value) / (1 + exp(zeta - a.value))
      let mixed = s * (1 - s)
      row.counts.value = high + log1p(exp(low - high)) - softplus
      row.counts.eta = (1 - s) * a.eta
      row.counts.tau = (1 - s) * a.tau
      row.counts.etaEta = (1 - s) * a.etaEta + mixed * a.eta * a.eta
      row.counts.etaTau = (1 - s) * a.etaTau + mixed * a.eta * a.tau
      row.counts.tauTau = (1 - s) * a.tauTau + mixed * a.tau * a.tau
      row.zeta = s - probability
      row.zetaZeta = mixed - spread
      row.zetaEta = -mixed * a.eta
      row.zetaTau = -mixed * a.tau
    }
    return row
  }
}
