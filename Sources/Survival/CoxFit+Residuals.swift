import Glibc
import LinearAlgebra

/// The Schoenfeld residuals of a Cox fit, one row an event.
public struct SchoenfeldResiduals: Sendable {
  /// The row of data of each event, ordered by stratum and time.
  public let rows: [Int]
  /// The time of each event.
  public let time: [Double]
  /// x_i − x̄(t), events × estimable coefficients.
  public let residuals: Matrix
}

extension CoxFit {
  private var influence: CoxInfluence { CoxInfluence(sets, b: scaled, ties: ties) }

  /// The martingale residuals, events observed less expected, one a row in the order given; they sum to 0 (with weights:
  /// the weighted sum). R `residuals(fit, "martingale")`.
  public func martingaleResiduals() -> [Double] {
    var residuals = [Double](repeating: 0, count: count)
    for (row, value) in zip(sets.order, influence.martingale()) { residuals[Int(row)] = value }
    return residuals
  }

  /// The deviance residuals sign(M) √(−2 (M + δ log(δ − M))). R `residuals(fit, "deviance")`.
  public func devianceResiduals() -> [Double] {
    martingaleResiduals().enumerated().map { i, m in
      let event = data.cause[i] != 0
      let term = event ? m + log(1 - m) : m
      return (m < 0 ? -1 : 1) * max(0, -2 * term).squareRoot()
    }
  }

  /// The score residuals, n × estimable coefficients; their weighted columns sum to the score, 0 at the estimates.
  ///
  /// R `residuals(fit, "score")`.
  public func scoreResiduals() -> Matrix {
    var u = influence.scoreResiduals()
    for j in 0..<u.columns {
      for i in 0..<u.rows { u[i, j] *= sets.scale[j] }
    }
    return scattered(u)
  }

  /// The approximate change in the coefficients when a row with its weight is left out, n × estimable. R
  /// `residuals(fit, "dfbeta")`.
  public func coefficientChanges() -> Matrix {
    scattered(influence.coefficientChanges(modelCovariance))
  }

  /// The Schoenfeld residuals: the covariates of each event less their mean over its risk set.
  ///
  /// With Efron's ties the mean is averaged over the steps in which the tied persons leave. R
  /// `residuals(fit, "schoenfeld")`.
  public func schoenfeldResiduals() -> SchoenfeldResiduals {
    let influence = influence
    let events = sets.order.indices.filter { sets.isEvent[$0] }
    var residuals = Matrix(rows: events.count, columns: estimable.count)
    for j in estimable.indices {
      let mean = influence.eventMeans(j).mean
      for (e, i) in events.enumerated() {
        residuals[e, j] = sets.scale[j] * (sets.x[i, j] - mean[Int(sets.upper[i]) - 1])
      }
    }
    return SchoenfeldResiduals(
      rows: events.map { Int(sets.order[$0]) }, time: events.map { data.time(Int(sets.order[$0])) },
      residuals: residuals)
  }

  /// Puts values of kept rows in their places among all rows; rows that see no event time have 0.
  private func scattered(_ kept: Matrix) -> Matrix {
    var all = Matrix(rows: count, columns: kept.columns)
    for j in 0..<kept.columns {
      for (i, row) in sets.order.enumerated() { all[Int(row), j] = kept[i, j] }
    }
    return all
  }
}
