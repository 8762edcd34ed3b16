import LinearAlgebra

/// The difference a − b of two vectors of a number a row, on as many threads as their length repays.
func difference(_ a: [Double], _ b: [Double]) -> [Double] {
  precondition(a.count == b.count, "the difference of \(a.count) and \(b.count) numbers")
  return arrayFilledByBlocks(a.count) { rows, out in
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for i in rows { out[i] = a[i] - b[i] }
      }
    }
  }
}

/// A vector less one number, likewise.
func difference(_ a: [Double], _ b: Double) -> [Double] {
  arrayFilledByBlocks(a.count) { rows, out in
    a.withUnsafeBufferPointer { a in
      for i in rows { out[i] = a[i] - b }
    }
  }
}

/// A copy that can be changed in place.
func copy(of a: [Double]) -> [Double] {
  arrayFilledByBlocks(a.count) { rows, out in
    a.withUnsafeBufferPointer { a in
      guard let base = a.baseAddress else { return }
      (out + rows.lowerBound).initialize(from: base + rows.lowerBound, count: rows.count)
    }
  }
}
