import LinearAlgebra

/// The data of a Cox model as its kernels read them: sorted once, columns contiguous.
///
/// Rows are ordered by stratum and exit time, events before censorings. The event times of all strata are numbered
/// together, those of a stratum one after another, and row i is at risk at the event times `lower[i] ..< upper[i]`. The
/// rows whose last event time is k, its "bin", lie together, those with the event then first. A row that sees no event time
/// tells nothing about the coefficients and is left out. Covariates are centred at their mean in the stratum, which
/// cancels from the partial likelihood, and divided by a common scale, so that sums over risk sets lose no digits.
struct CoxRiskSets: Sendable {
  /// The rows and event times of one stratum.
  struct Stratum: Sendable, Equatable {
    /// The caller's code of the stratum.
    let code: Int32
    /// Its rows, in sorted order.
    let rows: Range<Int>
    /// Its event times.
    let events: Range<Int>
  }

  /// The number of rows given, those that see no event time included.
  let givenRows: Int
  /// For each kept row, in sorted order, its place among the rows given.
  let order: [Int32]
  /// The covariates, kept rows × p, centred by stratum and scaled.
  let x: Matrix
  /// The case weights of the kept rows; nil where all are 1.
  let weights: [Double]?
  /// The offsets of the kept rows; nil where all are 0.
  let offset: [Double]?
  let lower: [Int32]
  let upper: [Int32]
  /// True where the row ends in the event.
  let isEvent: [Bool]
  let strata: [Stratum]
  /// For each event time the first row of its bin; one more entry than there are event times.
  let firstRow: [Int32]
  /// For each event time, its place in the data's `distinctTimes`.
  let eventRank: [Int32]
  /// For each event time, the number of rows with the event.
  let tied: [Int32]
  /// For each event time, the sum of the weights of the rows with the event.
  let eventWeight: [Double]
  /// True where some row enters after the first event time of its stratum.
  let hasEntries: Bool
  /// The mean of each covariate in each stratum, strata × p, on the caller's scale.
  let means: Matrix
  /// What each covariate was divided by; 0 for one that is constant in every stratum.
  let scale: [Double]

  /// The number of event times, over all strata.
  var eventTimeCount: Int { eventRank.count }

  /// The rows whose last event time is k.
  func rows(ofBin k: Int) -> Range<Int> { Int(firstRow[k])..<Int(firstRow[k + 1]) }

  /// The rows with the event at event time k.
  func eventRows(_ k: Int) -> Range<Int> { Int(firstRow[k])..<Int(firstRow[k] + tied[k]) }

  /// Sorts rows and covariates.
  ///
  /// - Parameters:
  ///   - stratum: a code in 0 ..< `stratumCount` for each row; nil for one stratum.
  ///   - design: n × p, finite.
  /// - Complexity: O(n p).
  init(
    _ data: SurvivalData, design: Matrix, stratum: [Int32]?, stratumCount: Int, weights: [Double]?,
    offset: [Double]?
  ) {
    let rows = CoxRowOrder(data, stratum: stratum, stratumCount: stratumCount, weights: weights)
    givenRows = data.count
    order = rows.kept
    lower = rows.lower
    upper = rows.upper
    isEvent = rows.isEvent
    strata = rows.strata
    firstRow = Self.bins(upper, rows.eventRank.count)
    eventRank = rows.eventRank
    tied = rows.tied
    eventWeight = rows.eventWeight
    hasEntries = rows.hasEntries
    self.weights = weights.map { w in rows.kept.map { w[Int($0)] } }
    self.offset = offset.map { o in rows.kept.map { o[Int($0)] } }
    (x, means, scale) = Self.centred(design, rows.kept, strata, self.weights)
  }

  /// The first row of each event time's bin.
  private static func bins(_ upper: [Int32], _ times: Int) -> [Int32] {
    var first = [Int32](repeating: 0, count: times + 1)
    for u in upper { first[Int(u)] += 1 }
    for k in 0..<times { first[k + 1] += first[k] }
    return first
  }

  /// Gathers the covariates in sorted order, subtracts stratum means and divides by the mean absolute deviation.
  private static func centred(
    _ design: Matrix, _ order: [Int32], _ strata: [Stratum], _ weights: [Double]?
  ) -> (Matrix, means: Matrix, scale: [Double]) {
    let n = order.count
    let p = design.columns
    let columns = ThreadSlots<(means: [Double], scale: Double)>(count: p)
    // A block is a column, or several short ones: nothing is added across threads.
    let storage: [Double] = arrayFilledByBlocks(n * p, block: max(n, 1) * max(1, (1 << 17) / max(n, 1))) {
      places, out in
      for start in stride(from: places.lowerBound, to: places.upperBound, by: n) {
        let column = UnsafeMutableBufferPointer(start: out + start, count: n)
        design.storage.withUnsafeBufferPointer { given in
          order.withUnsafeBufferPointer { order in
            let source = given.baseAddress! + start / n * design.rows
            for i in 0..<n { column[i] = source[Int(order[i])] }
          }
        }
        columns[start / n] = centre(column, strata, weights)
      }
    }
    let x = Matrix(rows: n, columns: p, storage: storage)
    var means = Matrix(rows: strata.count, columns: p)
    var scale = [Double](repeating: 0, count: p)
    // Without a row at risk there is nothing to centre.
    for j in 0..<p where n > 0 {
      for s in strata.indices { means[s, j] = columns[j]!.means[s] }
      scale[j] = columns[j]!.scale
    }
    return (x, means, scale)
  }

  /// Subtracts the stratum means from a column and divides it by its mean absolute deviation.
  ///
  /// - Returns: the means, and the divisor; 0 for a column that is constant in every stratum, which becomes 0.
  private static func centre(
    _ column: UnsafeMutableBufferPointer<Double>, _ strata: [Stratum], _ weights: [Double]?
  ) -> (means: [Double], scale: Double) {
    var means: [Double] = []
    var deviation = 0.0
    var magnitude = 0.0
    var total = 0.0
    for stratum in strata {
      var sum = 0.0
      var weight = 0.0
      var size = 0.0
      if let weights {
        for i in stratum.rows {
          sum += weights[i] * column[i]
          size += weights[i] * abs(column[i])
          weight += weights[i]
        }
      } else {
        for i in stratum.rows {
          sum += column[i]
          size += abs(column[i])
        }
        weight = Double(stratum.rows.count)
      }
      let mean = sum / weight
      means.append(mean)
      magnitude += size
      total += weight
      for i in stratum.rows {
        column[i] -= mean
        deviation += (weights?[i] ?? 1) * abs(column[i])
      }
    }
    // A column whose spread is rounding error of its magnitude is constant.
    guard deviation > 1e-11 * magnitude else {
      column.update(repeating: 0)
      return (means, 0)
    }
    let scale = deviation / total
    let factor = 1 / scale
    for i in column.indices { column[i] *= factor }
    return (means, scale)
  }

  /// The same risk sets with some of the covariates only, in the order given.
  func selecting(columns: [Int]) -> CoxRiskSets {
    if columns == Array(0..<x.columns) { return self }
    return CoxRiskSets(
      self, x: x.selecting(columns: columns), means: means.selecting(columns: columns),
      scale: columns.map { scale[$0] })
  }

  private init(_ other: CoxRiskSets, x: Matrix, means: Matrix, scale: [Double]) {
    givenRows = other.givenRows
    order = other.order
    self.x = x
    weights = other.weights
    offset = other.offset
    lower = other.lower
    upper = other.upper
    isEvent = other.isEvent
    strata = other.strata
    firstRow = other.firstRow
    eventRank = other.eventRank
    tied = other.tied
    eventWeight = other.eventWeight
    hasEntries = other.hasEntries
    self.means = means
    self.scale = scale
  }
}
