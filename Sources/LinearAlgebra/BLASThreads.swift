import COpenBLAS
import Glibc

/// The linear-algebra library in use and its threads.
///
/// OpenBLAS with two threads changes last bits (a 500 × 500 `dsyrk`, a long dot product) and slows matrices of the
/// size that regressions have, so it runs on one. Work is spread over replicates and row chunks instead.
public enum BLASThreads {
  /// Sets OpenBLAS to one thread, once in a process; every operation of this module refers to it first.
  @usableFromInline
  static let single: Void = openblas_set_num_threads(1)

  /// Holds OpenBLAS to one thread from here on.
  public static func useOne() { single }

  /// Ends the threads that OpenBLAS starts when it is loaded: for a while they take a core each to see whether there is work.
  ///
  /// OpenBLAS ends them so itself before a process forks, and starts them anew should more than one ever be asked for. Where it
  /// is built without threads there is nothing to end. To be called before any other thread is started.
  public static func endIdle() {
    guard let address = dlsym(nil, "blas_thread_shutdown_") else { return }
    _ = unsafeBitCast(address, to: (@convention(c) () -> CInt).self)()
  }

  /// The build configuration of the OpenBLAS that is bound, for a run's provenance.
  public static var configuration: String {
    guard let text = openblas_get_config() else { return "unknown" }
    return String(cString: text)
  }

  /// The processor kernels OpenBLAS chose on this machine, for a run's provenance.
  public static var coreName: String {
    guard let text = openblas_get_corename() else { return "unknown" }
    return String(cString: text)
  }

  /// The number of threads OpenBLAS uses.
  public static var count: Int { Int(openblas_get_num_threads()) }
}
