import Glibc
import LinearAlgebra

/// The distribution of a frailty shared by the rows of a group.
public enum FrailtyDistribution: String, Sendable, CaseIterable {
  /// exp(ω) gamma with mean 1 and variance θ; θ maximises the integrated likelihood.
  case gamma
  /// ω normal with mean 0 and variance θ; θ by the restricted-likelihood equation.
  case gaussian
}

/// The penalised partial likelihood of a Cox model with a frailty ω_g a group, at one variance θ.
///
/// The penalty is Σ (e^ω − ω)/θ (gamma) or Σ ω²/(2θ) (normal). With more than `denseGroups` groups the block of the
/// information that joins the frailties is taken as diagonal, as R's `survival` does with sparse frailties: the maximum
/// stays where it is, and its covariance becomes an approximation that costs O(n p + groups × event times × p). Therneau,
/// Grambsch & Pankratz (2003), doi:10.1198/1061860031365; Therneau & Grambsch, chapter 9.
final class FrailtyLikelihood {
  /// Up to so many groups the information is complete, R's `sparse = (nclass > 5)`.
  static let denseGroups = 5

  /// The maximum at one variance.
  struct Maximum {
    /// The scaled coefficients and the frailties.
    var b: [Double]
    var frailties: [Double]
    /// log L at them, without the penalty.
    var logLikelihood: Double
    /// The covariance of the scaled coefficients, (H⁻¹) for the covariates.
    var covariance: Matrix
    /// The covariance of scaled coefficients and frailties, H⁻¹, where the information is complete.
    var joint: Matrix?
    /// The diagonal of H⁻¹ for the frailties, and the penalty's second derivatives.
    var frailtyVariances: [Double]
    var penaltyCurvature: [Double]
    /// The share of the covariates in the effective degrees of freedom.
    var covariateFreedom: Double
    var iterations: Int
    var isConverged: Bool
  }

  private let sets: CoxRiskSets
  private let distribution: FrailtyDistribution
  /// For each kept row its group.
  private let group: [Int32]
  private let rowsOfGroup: [[Int]]
  private let kernel: CoxPartialLikelihood
  private let ties: CoxTies
  private let p: Int
  private let q: Int
  /// The kernel's sums use η = x b + ω, handed over as an offset.
  private let baseOffset: [Double]

  init(
    _ sets: CoxRiskSets, ties: CoxTies, group: [Int32], groupCount: Int,
    distribution: FrailtyDistribution
  ) {
    self.sets = sets
    self.ties = ties
    self.distribution = distribution
    self.group = group
    p = sets.x.columns
    q = groupCount
    var rows = [[Int]](repeating: [], count: groupCount)
    for (i, g) in group.enumerated() { rows[Int(g)].append(i) }
    rowsOfGroup = rows
    baseOffset = sets.offset ?? [Double](repeating: 0, count: group.count)
    kernel = CoxPartialLikelihood(sets, ties: ties)
  }

  /// Maximises the penalised likelihood at a variance above 0, from given coefficients and frailties.
  func maximise(theta: Double, from start: (b: [Double], frailties: [Double])) -> Maximum {
    var b = start.b
    var omega = start.frailties
    var blocks = evaluate(b, omega, theta)
    var iterations = 0
    var converged = false
    while iterations < 500, !converged {
      guard let step = blocks.step() else { break }
      let gain = dot(step.b, blocks.score) + dot(step.frailties, blocks.frailtyScore)
      converged = gain < 1e-15 * (1 + abs(blocks.penalised))
      var share = 1.0
      var accepted = false
      for _ in 0..<30 where !accepted {
        let nextB = zip(b, step.b).map { $0 + share * $1 }
        let next = recentred(zip(omega, step.frailties).map { $0 + share * $1 })
        let trial = evaluate(nextB, next, theta)
        if trial.penalised.isFinite,
          trial.penalised >= blocks.penalised - 1e-12 * (1 + abs(blocks.penalised))
        {
          b = nextB
          omega = next
          blocks = trial
          accepted = true
        }
        share /= 2
      }
      iterations += 1
      if !accepted { break }
    }
    let inverse = blocks.inverse()
    return Maximum(
      b: b, frailties: omega, logLikelihood: blocks.logLikelihood, covariance: inverse.covariance,
      joint: blocks.completeInverse(), frailtyVariances: inverse.frailty,
      penaltyCurvature: blocks.penaltyCurvature,
      covariateFreedom: inverse.covariateFreedom, iterations: iterations, isConverged: converged)
  }

  /// Shifts the frailties to where the penalty is least: mean e^ω = 1, or mean ω = 0. The likelihood does not change.
  private func recentred(_ omega: [Double]) -> [Double] {
    let shift: Double
    switch distribution {
    case .gamma: shift = log(omega.reduce(0) { $0 + exp($1) } / Double(q))
    case .gaussian: shift = omega.reduce(0, +) / Double(q)
    }
    return omega.map { $0 - shift }
  }

  private func evaluate(_ b: [Double], _ omega: [Double], _ theta: Double) -> FrailtyBlocks {
    kernel.offset = zip(baseOffset, group).map { $0 + omega[Int($1)] }
    let derivatives = kernel.evaluate(at: b)
    var blocks = FrailtyBlocks(p: p, q: q, isDense: q <= Self.denseGroups)
    blocks.logLikelihood = derivatives.logLikelihood
    blocks.score = derivatives.score
    blocks.covariates = derivatives.information
    addFrailties(to: &blocks)
    var penalty = 0.0
    for g in 0..<q {
      let first: Double
      let second: Double
      switch distribution {
      case .gamma:
        penalty += (exp(omega[g]) - omega[g]) / theta
        first = (exp(omega[g]) - 1) / theta
        second = exp(omega[g]) / theta
      case .gaussian:
        penalty += omega[g] * omega[g] / (2 * theta)
        first = omega[g] / theta
        second = 1 / theta
      }
      blocks.frailtyScore[g] -= first
      blocks.frailties[g, blocks.isDense ? g : 0] += second
      blocks.penaltyCurvature[g] = second
    }
    blocks.penalised = derivatives.logLikelihood - penalty
    return blocks
  }

  /// Score and information of the frailties: those of indicator columns, without making the columns.
  private func addFrailties(to blocks: inout FrailtyBlocks) {
    let exposure = kernel.exposure()
    let times = sets.eventTimeCount
    let squares = kernel.squareWeights()
    var s = [[Double]](repeating: [], count: blocks.isDense ? q : 1)
    var e = s
    for g in 0..<q {
      let slot = blocks.isDense ? g : 0
      (s[slot], e[slot]) = groupSums(g)
      for i in rowsOfGroup[g] {
        let w = sets.weights?[i] ?? 1
        let v = kernel.risk[i] * exposure[i]
        blocks.frailtyScore[g] += (sets.isEvent[i] ? w : 0) - v
        blocks.frailties[g, blocks.isDense ? g : 0] += v
        for j in 0..<p { blocks.cross[g, j] += v * sets.x[i, j] }
      }
      for j in 0..<p {
        var sum = 0.0
        for k in 0..<times where s[slot][k] != 0 {
          sum += squares.product(
            k, s[slot][k], e[slot][k], kernel.s1(k, j), kernel.e1(k, j))
        }
        blocks.cross[g, j] -= sum
      }
      for h in blocks.isDense ? 0...g : g...g {
        let other = blocks.isDense ? h : 0
        var sum = 0.0
        for k in 0..<times where s[slot][k] != 0 {
          sum += squares.product(k, s[slot][k], e[slot][k], s[other][k], e[other][k])
        }
        blocks.frailties[g, other] -= sum
        if blocks.isDense, h != g { blocks.frailties[h, g] -= sum }
      }
    }
  }

  /// The sums of risks of one group over the risk sets, and over the tied events.
  private func groupSums(_ g: Int) -> (s: [Double], e: [Double]) {
    let times = sets.eventTimeCount
    var s = [Double](repeating: 0, count: times + 1)
    var e = [Double](repeating: 0, count: times)
    for i in rowsOfGroup[g] {
      // At risk at event times lower ..< upper: a difference array, summed once.
      s[Int(sets.lower[i])] += kernel.risk[i]
      s[Int(sets.upper[i])] -= kernel.risk[i]
      if sets.isEvent[i] { e[Int(sets.upper[i]) - 1] += kernel.risk[i] }
    }
    var counts = [Int](repeating: 0, count: times + 1)
    for i in rowsOfGroup[g] {
      counts[Int(sets.lower[i])] += 1
      counts[Int(sets.upper[i])] -= 1
    }
    var running = 0.0
    var members = 0
    for k in 0..<times {
      running += s[k]
      members += counts[k]
      // Where nobody is left, the running sum is rounding error.
      if members == 0 { running = 0 }
      s[k] = running
    }
    s.removeLast()
    return (s, e)
  }
}

/// The penalised information of covariates and frailties in blocks, the frailties' own block full or diagonal.
struct FrailtyBlocks {
  let p: Int
  let q: Int
  let isDense: Bool
  var logLikelihood = 0.0
  var penalised = 0.0
  var score: [Double]
  var frailtyScore: [Double]
  /// p × p.
  var covariates: Matrix
  /// q × p.
  var cross: Matrix
  /// q × q where dense, else its diagonal as q × 1.
  var frailties: Matrix
  var penaltyCurvature: [Double]

  init(p: Int, q: Int, isDense: Bool) {
    self.p = p
    self.q = q
    self.isDense = isDense
    score = [Double](repeating: 0, count: p)
    frailtyScore = [Double](repeating: 0, count: q)
    covariates = Matrix(rows: p, columns: p)
    cross = Matrix(rows: q, columns: p)
    frailties = Matrix(rows: q, columns: isDense ? q : 1)
    penaltyCurvature = frailtyScore
  }

  /// F⁻¹ applied to a vector, F the block of the frailties.
  private func solveFrailties(_ v: [Double]) -> [Double]? {
    if isDense { return (try? CholeskyFactor(of: frailties))?.solve(v) }
    return v.indices.map { v[$0] / frailties[$0, 0] }
  }

  /// F⁻¹ B and the factor of the covariates' Schur complement C − B'F⁻¹B.
  private func schur() -> (solved: Matrix, complement: Matrix, factor: CholeskyFactor)? {
    var columns: [[Double]] = []
    for j in 0..<p {
      guard let column = solveFrailties(cross.column(j)) else { return nil }
      columns.append(column)
    }
    let solved = Matrix(columns: columns, rows: q)
    let complement = (covariates - Matrix.product(cross, solved, transposeFirst: true)).symmetrised()
    guard let factor = try? CholeskyFactor(of: complement) else { return nil }
    return (solved, complement, factor)
  }

  /// The Newton step; nil where the information is not positive definite.
  func step() -> (b: [Double], frailties: [Double])? {
    guard let (solved, _, factor) = schur(), let own = solveFrailties(frailtyScore) else { return nil }
    let right = zip(score, solved.transposedTimes(frailtyScore)).map { $0 - $1 }
    let b = factor.solve(right)
    let shift = solved * b
    return (b, zip(own, shift).map { $0 - $1 })
  }

  /// The parts of the inverse: the covariates' block, the diagonal of the frailties', and the covariates' share of the
  /// trace of H⁻¹ times the information without the penalty.
  func inverse() -> (covariance: Matrix, frailty: [Double], covariateFreedom: Double) {
    guard let (solved, complement, factor) = schur() else {
      return (
        Matrix(rows: p, columns: p, repeating: .nan), [Double](repeating: .nan, count: q), .nan
      )
    }
    let c = factor.inverse()
    // The block that joins frailties and covariates is −F⁻¹B C.
    let joint = solved * c
    var frailty = [Double](repeating: 0, count: q)
    for g in 0..<q {
      var unit = [Double](repeating: 0, count: q)
      unit[g] = 1
      frailty[g] = isDense ? (solveFrailties(unit)?[g] ?? .nan) : 1 / frailties[g, 0]
      for j in 0..<p { frailty[g] += joint[g, j] * solved[g, j] }
    }
    let lost = joint.gram(weights: penaltyCurvature)
    let freedom = Double(p) - dot(complement.storage, lost.storage)
    return (c, frailty, freedom)
  }

  /// H⁻¹ over the covariates and then the frailties; nil where the frailties' block is diagonal only.
  func completeInverse() -> Matrix? {
    guard isDense else { return nil }
    var all = Matrix(rows: p + q, columns: p + q)
    for a in 0..<p {
      for b in 0..<p { all[a, b] = covariates[a, b] }
      for g in 0..<q { (all[a, p + g], all[p + g, a]) = (cross[g, a], cross[g, a]) }
    }
    for g in 0..<q {
      for h in 0..<q { all[p + g, p + h] = frailties[g, h] }
    }
    return (try? CholeskyFactor(of: all.symmetrised()))?.inverse()
  }
}
