import Glibc
import LinearAlgebra

/// The partial likelihood with Jeffreys' penalty, log L + ½ log |I|, whose maximum is finite even where the likelihood is
/// monotone.
///
/// The penalised score is U_j + ½ tr(I⁻¹ ∂I/∂β_j), and ∂I/∂β_j sums the third central moments of the covariates over the
/// risk sets: those of Efron's steps where events are tied, each with the tied rows' risk lowered by its share.
/// Firth (1993), doi:10.1093/biomet/80.1.27; Heinze & Schemper (2001), doi:10.1111/j.0006-341X.2001.00114.x.
/// O(n p³) a step, for the score at 2 p points.
final class CoxFirthLikelihood {
  private let kernel: CoxPartialLikelihood
  private let sets: CoxRiskSets
  /// What takes ½ log |I| from the kernel's scale to the covariates'.
  private let scaleTerm: Double

  init(_ sets: CoxRiskSets, ties: CoxTies) {
    self.sets = sets
    kernel = CoxPartialLikelihood(sets, ties: ties)
    scaleTerm = sets.scale.reduce(0) { $0 + log($1) }
  }

  /// The penalised log-likelihood with its score and its own information, by central differences of the score.
  ///
  /// The likelihood's information alone would let Newton's method overshoot where the penalty bends as much as the
  /// likelihood does (few events). It stands in only where the differences are not positive definite.
  func evaluate(at b: [Double]) -> LikelihoodDerivatives {
    var derivatives = penalised(at: b)
    guard !b.isEmpty, derivatives.isFinite else { return derivatives }
    let step = 1e-4
    var information = derivatives.information
    for j in b.indices {
      var moved = b
      moved[j] = b[j] + step
      let above = penalised(at: moved).score
      moved[j] = b[j] - step
      let below = penalised(at: moved).score
      information.setColumn(j, zip(below, above).map { ($0 - $1) / (2 * step) })
    }
    information = information.symmetrised()
    if information.isFinite, (try? CholeskyFactor(of: information)) != nil {
      derivatives.information = information
    }
    return derivatives
  }

  /// The likelihood's own information, whose inverse is the covariance of the estimates.
  func information(at b: [Double]) -> Matrix { kernel.evaluate(at: b).information }

  /// The penalised log-likelihood with its score and the likelihood's information.
  private func penalised(at b: [Double]) -> LikelihoodDerivatives {
    var derivatives = kernel.evaluate(at: b)
    guard !b.isEmpty else { return derivatives }
    guard derivatives.isFinite, let factor = try? CholeskyFactor(of: derivatives.information) else {
      // No information: the penalty is minus infinity.
      derivatives.logLikelihood = -.infinity
      return derivatives
    }
    let penalty = addedScore(factor.inverse())
    derivatives.logLikelihood += factor.logDeterminant / 2 + scaleTerm
    for j in b.indices { derivatives.score[j] += penalty[j] / 2 }
    return derivatives
  }

  /// tr(I⁻¹ ∂I/∂β_j) for each j.
  ///
  /// With u_i = x_i'I⁻¹x_i the trace needs only moments of x, u and u x, so that no array of third moments is kept:
  /// Σ_i π_i (x_i − x̄)'I⁻¹(x_i − x̄)(x_ij − x̄_j) = E[u x_j] − E[u] x̄_j − 2 x̄'I⁻¹(E[x x_j] − x̄ x̄_j).
  private func addedScore(_ inverse: Matrix) -> [Double] {
    let n = sets.order.count
    let p = sets.x.columns
    let squares = quadraticForms(inverse)
    let pairs = p * (p + 1) / 2
    // The sums a risk set needs: 1, x, x x' (upper triangle), u, u x.
    let width = 1 + p + pairs + 1 + p
    var added = [Double](repeating: 0, count: p)
    var all = [Double](repeating: 0, count: width)
    var tied = all
    var row = all
    func fill(_ i: Int) {
      let r = kernel.risk[i]
      row[0] = r
      var place = 1 + p
      for a in 0..<p {
        let x = sets.x.storage[i + a * n]
        row[1 + a] = r * x
        for c in 0...a {
          row[place] = r * x * sets.x.storage[i + c * n]
          place += 1
        }
        row[1 + p + pairs + 1 + a] = r * squares[i] * x
      }
      row[1 + p + pairs] = r * squares[i]
    }
    for stratum in sets.strata {
      for k in all.indices { all[k] = 0 }
      var next = stratum.rows.upperBound - 1
      // Rows by their first event time, so that they leave the running sums where they have not yet entered.
      let byEntry = stratum.rows.sorted { sets.lower[$0] > sets.lower[$1] }
      var leaving = 0
      for k in stride(from: stratum.events.upperBound - 1, through: stratum.events.lowerBound, by: -1) {
        for c in tied.indices { tied[c] = 0 }
        while next >= stratum.rows.lowerBound, Int(sets.upper[next]) == k + 1 {
          fill(next)
          for c in all.indices { all[c] += row[c] }
          if sets.isEvent[next] { for c in tied.indices { tied[c] += row[c] } }
          next -= 1
        }
        while leaving < byEntry.count, Int(sets.lower[byEntry[leaving]]) > k {
          fill(byEntry[leaving])
          for c in all.indices { all[c] -= row[c] }
          leaving += 1
        }
        addEventTime(k, all: all, tied: tied, inverse, to: &added)
      }
    }
    return added
  }

  /// Adds the third moments of one event time, contracted with the inverse information.
  private func addEventTime(
    _ k: Int, all: [Double], tied: [Double], _ inverse: Matrix, to added: inout [Double]
  ) {
    let p = sets.x.columns
    let pairs = p * (p + 1) / 2
    let d = Int(sets.tied[k])
    let m = sets.eventWeight[k] / Double(d)
    let steps = kernel.ties == .efron ? d : 1
    let times = kernel.ties == .efron ? m : sets.eventWeight[k]
    for l in 0..<steps {
      let share = Double(l) / Double(d)
      func moment(_ c: Int) -> Double { all[c] - share * tied[c] }
      let total = moment(0)
      let mean = (0..<p).map { moment(1 + $0) / total }
      let turned = inverse * mean
      let u = moment(1 + p + pairs) / total
      for j in 0..<p {
        var cross = 0.0
        for a in 0..<p {
          let (high, low) = (max(a, j), min(a, j))
          let second = moment(1 + p + high * (high + 1) / 2 + low) / total
          cross += turned[a] * (second - mean[a] * mean[j])
        }
        let ux = moment(1 + p + pairs + 1 + j) / total
        added[j] += times * (ux - u * mean[j] - 2 * cross)
      }
    }
  }

  /// x_i'Ax_i of every kept row.
  private func quadraticForms(_ a: Matrix) -> [Double] {
    let n = sets.order.count
    let p = sets.x.columns
    let product = sets.x * a
    var result = [Double](repeating: 0, count: n)
    for j in 0..<p {
      for i in 0..<n { result[i] += product.storage[i + j * n] * sets.x.storage[i + j * n] }
    }
    return result
  }
}
