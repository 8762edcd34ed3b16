import CLAPACKE
import COpenBLAS
import Glibc

/// Cholesky factorisation and inversion of one large symmetric matrix, tile by tile on all cores.
///
/// A tile is computed by one thread from operands that are final, in an order that is fixed, so that no digit depends on
/// how many threads share the work. Tiles that are zero, and stay zero, cost nothing: a matrix whose rows and columns
/// are ordered so that little fills in is factored in a fraction of the time of a dense one.
/// Buttari, Langou, Kurzak & Dongarra, Parallel Computing 2009;35:38–53, doi 10.1016/j.parco.2008.10.002.
public enum TiledCholesky {
  /// The order of a tile: large enough for the speed of `dgemm`, small enough to keep two cores busy.
  public static let tile = 96

  /// Overwrites the lower triangle of a column-major matrix with its Cholesky factor L, A = L L'.
  ///
  /// - Parameter a: `order * order` elements; the strict upper triangle is not read and left undefined.
  /// - Returns: 0, or the order of a leading minor that is not positive or not finite.
  public static func factor(_ a: UnsafeMutableBufferPointer<Double>, order n: Int) -> Int {
    precondition(a.count >= n * n, "\(a.count) elements for order \(n)")
    guard n > 2 * tile else { return DenseKernels.cholesky(a, order: n) }
    BLASThreads.useOne()
    var filled = Tiles(a.baseAddress!, order: n).filled()
    let x = Tiles(a.baseAddress!, order: n)
    for k in 0..<x.count {
      let failed = x.factorDiagonal(k)
      if failed > 0 { return k * tile + failed }
      let below = ((k + 1)..<max(x.count, k + 1)).filter { filled[$0 + k * x.count] }
      inParallel(below.count) { x.solve(below[$0], k) }
      let pairs = below.indices.flatMap { i in (0...i).map { (below[i], below[$0]) } }
      inParallel(pairs.count) { x.update(pairs[$0].0, pairs[$0].1, k) }
      for (i, j) in pairs { filled[i + j * x.count] = true }
    }
    return 0
  }

  /// Overwrites a Cholesky factor L with the lower triangle of (L L')⁻¹.
  ///
  /// - Parameters:
  ///   - l: the factor, `order * order` elements column-major.
  ///   - scratch: as many elements, overwritten.
  public static func invert(
    _ l: UnsafeMutableBufferPointer<Double>, scratch: UnsafeMutableBufferPointer<Double>, order n: Int
  ) {
    precondition(min(l.count, scratch.count) >= n * n, "\(l.count) elements for order \(n)")
    BLASThreads.useOne()
    guard n > 2 * tile else {
      let info = LAPACKE_dpotri_work(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), lapackInt(n), l.baseAddress!, lapackInt(max(n, 1)))
      precondition(info == 0, "dpotri: \(info) for a factor with a positive diagonal")
      return
    }
    let factor = Tiles(l.baseAddress!, order: n)
    let w = Tiles(scratch.baseAddress!, order: n)
    let filled = factor.filled()
    let m = factor.count
    // L⁻¹, one column of tiles after the other, each on its own.
    var inverseFilled = [Bool](repeating: false, count: m * m)
    for j in 0..<m {
      inverseFilled[j + j * m] = true
      for i in (j + 1)..<max(m, j + 1) {
        inverseFilled[i + j * m] = (j..<i).contains { filled[i + $0 * m] && inverseFilled[$0 + j * m] }
      }
    }
    let known = inverseFilled
    inParallel(m) { j in
      w.invertDiagonal(j, of: factor)
      for i in (j + 1)..<max(m, j + 1) where known[i + j * m] {
        let terms = (j..<i).filter { filled[i + $0 * m] && known[$0 + j * m] }
        w.substitute(i, j, terms, factor)
      }
    }
    // (L L')⁻¹ = L⁻ᵀL⁻¹.
    let pairs = (0..<m).flatMap { j in (j..<m).map { ($0, j) } }
    inParallel(pairs.count) { index in
      let (i, j) = pairs[index]
      factor.setProduct(i, j, (i..<m).filter { known[$0 + i * m] && known[$0 + j * m] }, w)
    }
  }

  /// Runs a body for every index on as many threads as there are cores.
  private static func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    guard count > 1 else {
      if count == 1 { body(0) }
      return
    }
    let queue = BlockQueue(count: count)
    parallelLoop(min(coreCount, count)) { _ in
      while let index = queue.next() { body(index) }
    }
  }

  /// A square matrix as tiles. Sendable is unchecked because of the pointer: each call writes one tile or column.
  private struct Tiles: @unchecked Sendable {
    let a: UnsafeMutablePointer<Double>
    let n: Int
    /// The number of rows of tiles.
    let count: Int

    init(_ a: UnsafeMutablePointer<Double>, order n: Int) {
      self.a = a
      self.n = n
      count = (n + tile - 1) / tile
    }

    func size(_ i: Int) -> Int { min(tile, n - i * tile) }
    func at(_ i: Int, _ j: Int) -> UnsafeMutablePointer<Double> { a + i * tile + j * tile * n }
    private var stride: Int32 { lapackInt(n) }

    /// For each tile of the lower triangle whether any element is not zero.
    func filled() -> [Bool] {
      var result = [Bool](repeating: false, count: count * count)
      for j in 0..<count {
        for i in j..<count {
          let start = at(i, j)
          result[i + j * count] =
            i == j || (0..<size(j)).contains { c in (0..<size(i)).contains { start[$0 + c * n] != 0 } }
        }
      }
      return result
    }

    func factorDiagonal(_ k: Int) -> Int {
      let info = LAPACKE_dpotrf_work(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), lapackInt(size(k)), at(k, k), stride)
      precondition(info >= 0, "dpotrf: argument \(-info)")
      if info > 0 { return Int(info) }
      // With a NaN inside, OpenBLAS' dpotrf reports success; the pivots tell.
      for j in 0..<size(k) {
        let pivot = at(k, k)[j + j * n]
        if !(pivot > 0 && pivot.isFinite) { return j + 1 }
      }
      return 0
    }

    /// Aᵢₖ ← Aᵢₖ Lₖₖ⁻ᵀ.
    func solve(_ i: Int, _ k: Int) {
      cblas_dtrsm(
        CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, lapackInt(size(i)),
        lapackInt(size(k)), 1, at(k, k), stride, at(i, k), stride)
    }

    /// Aᵢⱼ ← Aᵢⱼ − Lᵢₖ Lⱼₖ'.
    func update(_ i: Int, _ j: Int, _ k: Int) {
      if i == j {
        cblas_dsyrk(
          CblasColMajor, CblasLower, CblasNoTrans, lapackInt(size(i)), lapackInt(size(k)), -1, at(i, k),
          stride, 1, at(i, i), stride)
      } else {
        cblas_dgemm(
          CblasColMajor, CblasNoTrans, CblasTrans, lapackInt(size(i)), lapackInt(size(j)),
          lapackInt(size(k)), -1, at(i, k), stride, at(j, k), stride, 1, at(i, j), stride)
      }
    }

    /// Writes Lⱼⱼ⁻¹, with zeros above its diagonal.
    func invertDiagonal(_ j: Int, of factor: Tiles) {
      let own = at(j, j)
      let source = factor.at(j, j)
      for c in 0..<size(j) {
        for r in 0..<size(j) { own[r + c * n] = r >= c ? source[r + c * n] : 0 }
      }
      let info = LAPACKE_dtrtri_work(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), CChar(UInt8(ascii: "N")), lapackInt(size(j)), own, stride)
      precondition(info == 0, "dtrtri: \(info) for a factor with a positive diagonal")
    }

    /// Wᵢⱼ = −Lᵢᵢ⁻¹ Σₖ Lᵢₖ Wₖⱼ.
    func substitute(_ i: Int, _ j: Int, _ terms: [Int], _ factor: Tiles) {
      for (place, k) in terms.enumerated() {
        cblas_dgemm(
          CblasColMajor, CblasNoTrans, CblasNoTrans, lapackInt(size(i)), lapackInt(size(j)),
          lapackInt(size(k)), -1, factor.at(i, k), stride, at(k, j), stride, place == 0 ? 0 : 1, at(i, j),
          stride)
      }
      cblas_dtrsm(
        CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, lapackInt(size(i)),
        lapackInt(size(j)), 1, factor.at(i, i), stride, at(i, j), stride)
    }

    /// Sets the tile to Σₖ Wₖᵢ' Wₖⱼ.
    func setProduct(_ i: Int, _ j: Int, _ terms: [Int], _ w: Tiles) {
      guard !terms.isEmpty else {
        for c in 0..<size(j) {
          for r in 0..<size(i) { at(i, j)[r + c * n] = 0 }
        }
        return
      }
      for (place, k) in terms.enumerated() {
        cblas_dgemm(
          CblasColMajor, CblasTrans, CblasNoTrans, lapackInt(size(i)), lapackInt(size(j)),
          lapackInt(size(k)), 1, w.at(k, i), stride, w.at(k, j), stride, place == 0 ? 0 : 1, at(i, j), stride)
      }
    }
  }
}
