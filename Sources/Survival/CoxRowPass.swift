import Glibc
import LinearAlgebra

/// Where the p covariates and the weight itself (S0, E0) lie among the sums of an event time, padded to whole vectors.
struct CoxSumLayout: Sendable {
  /// p.
  let columns: Int
  /// The vectors of four numbers for each event time.
  let vectors: Int
  /// The place of S0 or E0.
  let place0: (vector: Int, lane: Int)

  init(columns: Int) {
    self.columns = columns
    vectors = (columns + 4) / 4
    place0 = (columns / 4, columns % 4)
  }
}

/// The passes of a Cox likelihood over its rows, in units of fixed size that threads take as they come free.
///
/// Each unit has sums of its own for the bin that it shares with the unit before, and with delayed entry for all event
/// times; they are added in the order of the units. Sendable is unchecked because of the pointers, which are valid during
/// one pass: a unit writes its own rows and the bins that begin in it only.
struct CoxRowPass: @unchecked Sendable {
  let layout: CoxSumLayout
  let rowCount: Int
  let timeCount: Int
  /// n × p, column-major.
  let x: UnsafePointer<Double>
  let weights: UnsafePointer<Double>?
  let firstRow: UnsafePointer<Int32>
  let tied: UnsafePointer<Int32>
  /// The last event time before a row's entry, or −1; nil without delayed entry.
  let entryBin: UnsafePointer<Int32>?
  let risk: UnsafeMutablePointer<Double>
  let sums: UnsafeMutablePointer<SIMD4<Double>>
  let tiedSums: UnsafeMutablePointer<SIMD4<Double>>?
  /// b; nil where all are 0.
  var coefficients: UnsafePointer<Double>?
  var offset: UnsafePointer<Double>?

  /// Rows that are worked on at a time, so that their covariates stay in the first- or second-level cache.
  static let chunk = 256
  /// Below this many rows a second thread costs more than it saves.
  private static let threadedRows = 16_384

  init(
    layout: CoxSumLayout, rowCount: Int, timeCount: Int, x: UnsafePointer<Double>,
    weights: UnsafePointer<Double>?, firstRow: UnsafePointer<Int32>, tied: UnsafePointer<Int32>,
    entryBin: UnsafePointer<Int32>?, risk: UnsafeMutablePointer<Double>,
    sums: UnsafeMutablePointer<SIMD4<Double>>, tiedSums: UnsafeMutablePointer<SIMD4<Double>>?
  ) {
    self.layout = layout
    self.rowCount = rowCount
    self.timeCount = timeCount
    self.x = x
    self.weights = weights
    self.firstRow = firstRow
    self.tied = tied
    self.entryBin = entryBin
    self.risk = risk
    self.sums = sums
    self.tiedSums = tiedSums
  }

  private func units(_ count: Int) -> [Range<Int>] {
    (0..<count).map { $0 * rowCount / count..<($0 + 1) * rowCount / count }
  }

  /// Runs a body on every unit, on as many threads as there are cores.
  private func spread(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let queue = BlockQueue(count: count)
    parallelLoop(min(coreCount, count)) { _ in
      while let u = queue.next() { body(u) }
    }
  }

  // MARK: Risks and their sums

  /// What a unit adds to event times that are not its own.
  private struct Shares {
    /// The sums over rows and then over events of the bin it shares with the unit before.
    var first: [SIMD4<Double>]
    /// The sums over the rows that enter after each event time.
    var entries: [SIMD4<Double>]
    var largest = 0.0
  }

  /// Fills r, and for each event time the sums of r and r x over the events and over the other rows of its bin, less
  /// those over the rows that enter after it.
  ///
  /// - Returns: the largest |η|.
  func addRisks() -> Double {
    let w = layout.vectors
    // With delayed entry every unit has sums for all event times, so there are few.
    let count = rowCount < Self.threadedRows ? 1 : entryBin == nil ? min(64, rowCount / 8192) : 4
    let units = units(count)
    let shares = ThreadSlots<Shares>(count: count)
    sums.update(repeating: .zero, count: timeCount * w)
    tiedSums?.update(repeating: .zero, count: timeCount * w)
    spread(count) { u in shares[u] = addRisks(of: units[u]) }
    var largest = 0.0
    for u in 0..<count {
      let share = shares[u]!
      largest = largest >= share.largest ? largest : share.largest
      let bin = bin(of: units[u].lowerBound) * w
      for v in 0..<w {
        sums[bin + v] += share.first[v]
        tiedSums?[bin + v] += share.first[w + v]
      }
      share.entries.withUnsafeBufferPointer { entries in
        for place in entries.indices { sums[place] -= entries[place] }
      }
    }
    return largest
  }

  /// The bin of a row: the last event time at which it is at risk.
  private func bin(of row: Int) -> Int {
    UnsafeBufferPointer(start: firstRow, count: timeCount + 1).partitioningIndex { Int($0) > row } - 1
  }

  private func addRisks(of unit: Range<Int>) -> Shares {
    let w = layout.vectors
    var shares = Shares(
      first: [SIMD4<Double>](repeating: .zero, count: 2 * w),
      entries: entryBin == nil ? [] : [SIMD4<Double>](repeating: .zero, count: timeCount * w))
    var largest = 0.0
    shares.first.withUnsafeMutableBufferPointer { first in
      shares.entries.withUnsafeMutableBufferPointer { entries in
        withUnsafeTemporaryAllocation(of: SIMD4<Double>.self, capacity: Self.chunk * w) { products in
          // What pads a row to whole vectors must be zero; the rest is filled.
          for row in 0..<min(Self.chunk, unit.count) { products[row * w + w - 1] = .zero }
          largest = addRisks(
            of: unit, first: first.baseAddress!, entries: entries.baseAddress, products.baseAddress!)
        }
      }
    }
    shares.largest = largest
    return shares
  }

  private func addRisks(
    of unit: Range<Int>, first: UnsafeMutablePointer<SIMD4<Double>>,
    entries: UnsafeMutablePointer<SIMD4<Double>>?, _ products: UnsafeMutablePointer<SIMD4<Double>>
  ) -> Double {
    let w = layout.vectors
    var largest = 0.0
    var k = bin(of: unit.lowerBound)
    for start in stride(from: unit.lowerBound, to: unit.upperBound, by: Self.chunk) {
      let rows = start..<min(start + Self.chunk, unit.upperBound)
      largest = max(largest, fillRisks(rows))
      // Short bins are summed row by row over all columns at once, long ones column by column.
      let bins = bin(of: rows.upperBound - 1) - k + 1
      let isShort = entryBin != nil || bins * 24 > rows.count
      if isShort { fillProducts(rows, products) }
      func add(_ part: Range<Int>, to target: UnsafeMutablePointer<SIMD4<Double>>) {
        if part.isEmpty { return }
        if isShort {
          addRows(products + (part.lowerBound - start) * w, part.count, to: target)
        } else {
          addColumns(part, to: target)
        }
      }
      var i = rows.lowerBound
      while i < rows.upperBound {
        let binEnd = min(Int(firstRow[k + 1]), rows.upperBound)
        let isShared = Int(firstRow[k]) < unit.lowerBound
        if let tiedSums {
          let eventEnd = min(max(Int(firstRow[k] + tied[k]), i), binEnd)
          add(i..<eventEnd, to: isShared ? first + w : tiedSums + k * w)
          i = eventEnd
        }
        add(i..<binEnd, to: isShared ? first : sums + k * w)
        i = binEnd
        if i == Int(firstRow[k + 1]) { k += 1 }
      }
      if let entryBin, let entries {
        for i in rows where entryBin[i] >= 0 {
          addRows(products + (i - start) * w, 1, to: entries + Int(entryBin[i]) * w)
        }
      }
    }
    return largest
  }

  /// η and r of a chunk; returns the largest |η|.
  private func fillRisks(_ rows: Range<Int>) -> Double {
    let first = rows.lowerBound
    let r = risk + first
    if let offset {
      r.update(from: offset + first, count: rows.count)
    } else {
      r.update(repeating: 0, count: rows.count)
    }
    if let coefficients {
      GramKernel.addProduct(
        chunk: x + first, rows: rows.count, columns: layout.columns, stride: rowCount,
        coefficients: coefficients, to: r)
    }
    var largest = 0.0
    if coefficients == nil, offset == nil {
      r.update(repeating: 1, count: rows.count)
    } else {
      for i in 0..<rows.count {
        // Not max(): a NaN must get through.
        if !(abs(r[i]) <= largest) { largest = abs(r[i]) }
        r[i] = exp(r[i])
      }
    }
    if let weights {
      for i in 0..<rows.count { r[i] *= weights[first + i] }
    }
    return largest
  }

  /// r x and r of a chunk, row after row.
  private func fillProducts(_ rows: Range<Int>, _ products: UnsafeMutablePointer<SIMD4<Double>>) {
    let first = rows.lowerBound
    let width = 4 * layout.vectors
    let r = risk + first
    products.withMemoryRebound(to: Double.self, capacity: rows.count * width) { out in
      for j in 0..<layout.columns {
        let column = x + first + j * rowCount
        for i in 0..<rows.count { out[i * width + j] = r[i] * column[i] }
      }
      for i in 0..<rows.count { out[i * width + layout.columns] = r[i] }
    }
  }

  /// Adds rows of products to the sums of one event time.
  @inline(__always)
  private func addRows(
    _ products: UnsafePointer<SIMD4<Double>>, _ count: Int, to sums: UnsafeMutablePointer<SIMD4<Double>>
  ) {
    let w = layout.vectors
    for row in 0..<count {
      for v in 0..<w { sums[v] += products[row * w + v] }
    }
  }

  /// Adds r x and r of rows that lie in one bin to its sums, column by column.
  private func addColumns(_ rows: Range<Int>, to sums: UnsafeMutablePointer<SIMD4<Double>>) {
    let first = rows.lowerBound
    let r = risk + first
    sums.withMemoryRebound(to: Double.self, capacity: 4 * layout.vectors) { out in
      GramKernel.accumulate(
        chunk: x + first, rows: rows.count, columns: layout.columns, stride: rowCount, times: r, into: out)
      var parts = SIMD4<Double>.zero
      var i = 0
      while i + 4 <= rows.count {
        parts += SIMD4(r[i], r[i + 1], r[i + 2], r[i + 3])
        i += 4
      }
      var sum = parts.sum()
      while i < rows.count {
        sum += r[i]
        i += 1
      }
      out[layout.columns] += sum
    }
  }

  // MARK: Second moments

  /// Adds X' diag(v) X, v_i = r_i (A(exit) − A(entry) − event_i c), to the upper triangle of a matrix.
  ///
  /// - Parameters:
  ///   - running: A at each event time.
  ///   - share: c at each event time.
  func addSecondMoments(
    running: UnsafePointer<Double>, share: UnsafePointer<Double>, to moments: inout Matrix
  ) {
    let p = layout.columns
    let count = rowCount < Self.threadedRows ? 1 : min(128, rowCount / 8192)
    let units = units(count)
    let parts = ThreadSlots<Matrix>(count: count)
    let steps = CumulativeSteps(running: running, share: share)
    spread(count) { u in
      var part = Matrix(rows: p, columns: p)
      part.storage.withUnsafeMutableBufferPointer {
        addSecondMoments(of: units[u], steps, to: $0.baseAddress!)
      }
      parts[u] = part
    }
    for u in 0..<count {
      let part = parts[u]!
      for i in moments.storage.indices { moments.storage[i] += part.storage[i] }
    }
  }

  /// A and c; see `addSecondMoments`. Sendable is unchecked because of the pointers, which are only read.
  private struct CumulativeSteps: @unchecked Sendable {
    let running: UnsafePointer<Double>
    let share: UnsafePointer<Double>
  }

  private func addSecondMoments(
    of unit: Range<Int>, _ steps: CumulativeSteps, to moments: UnsafeMutablePointer<Double>
  ) {
    let p = layout.columns
    var k = bin(of: unit.lowerBound)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.chunk * (p + 1)) { scratch in
      let v = scratch.baseAddress!
      let scaled = v + Self.chunk
      for start in stride(from: unit.lowerBound, to: unit.upperBound, by: Self.chunk) {
        let rows = start..<min(start + Self.chunk, unit.upperBound)
        var i = start
        while i < rows.upperBound {
          let end = min(Int(firstRow[k + 1]), rows.upperBound)
          let eventEnd = Int(firstRow[k] + tied[k])
          let hazard = steps.running[k]
          let own = hazard - steps.share[k]
          while i < end {
            v[i - start] = risk[i] * (i < eventEnd ? own : hazard)
            i += 1
          }
          if i == Int(firstRow[k + 1]) { k += 1 }
        }
        if let entryBin {
          for i in rows where entryBin[i] >= 0 { v[i - start] -= risk[i] * steps.running[Int(entryBin[i])] }
        }
        for j in 0..<p {
          let column = x + start + j * rowCount
          let out = scaled + j * rows.count
          for i in 0..<rows.count { out[i] = v[i] * column[i] }
        }
        GramKernel.accumulate(
          rows: rows.count, x + start, columns: p, stride: rowCount, scaled, columns: p,
          stride: rows.count, into: moments)
      }
    }
  }
}
