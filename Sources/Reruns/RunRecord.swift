import Glibc
import LinearAlgebra
import ModelFitting
import Serialisation
import TrialAnalysis

/// Wall times of the stages of a run.
public struct RunClock: Sendable {
  let start = RunClock.now(CLOCK_REALTIME)
  private var last = RunClock.now(CLOCK_MONOTONIC)
  public private(set) var stages: [(name: String, seconds: Double)] = []

  /// Starts the clock.
  public init() {}

  /// Ends a stage.
  public mutating func mark(_ name: String) {
    let now = Self.now(CLOCK_MONOTONIC)
    stages.append((name, now - last))
    last = now
  }

  private static func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// When the run began, in UTC as ISO 8601.
  public var startText: String {
    var seconds = time_t(start)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// What a run was made of and where: the contents of `run.json`, the only file in which two runs on one input differ.
public struct RunRecord: Sendable {
  /// The record's name in a folder of results.
  public static let fileName = "run.json"

  public let json: JSONValue

  /// The cores that are online.
  public static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// The record of a run.
  ///
  /// - Parameters:
  ///   - arguments: the command's own, with its name first.
  ///   - clock: the times of its stages; nil leaves out what belongs to the machine's moment (times, the working
  ///     directory, the operating system's release), for a record that is kept under version control.
  public init(_ run: TrialRun, arguments: [JSONValue.Member], clock: RunClock?) {
    let analysis = run.outcome.run
    var members: [JSONValue.Member] = [
      .init("software", ["name": "hekta", "version": .string(Software.version)])
    ]
    if let clock {
      let total = clock.stages.reduce(0) { $0 + $1.seconds }
      let seconds = clock.stages + [("total", total)]
      members += [
        .init("started", .string(clock.startText)),
        .init("seconds", .object(seconds.map { .init($0.name, .number(Optional($0.seconds))) })),
        .init("workingDirectory", .string(Self.workingDirectory)),
      ]
    }
    members += [
      .init("arguments", .object(arguments)),
      .init("plan", ["file": .string(TrialRun.planName), "sha256": .string(analysis.planSHA256)]),
      .init(
        "codebook",
        ["file": .string(run.codebookName), "sha256": .string(run.ingredients.codebook.sha256)]),
      .init(
        "data",
        [
          "directory": .string(run.ingredients.dataDirectory),
          "store": .string(run.ingredients.vintage?.store), "vintage": .string(run.ingredients.vintage?.name),
          "files": .array(
            analysis.inputs.filter { $0.file != analysis.codebookFile }.map {
              ["file": .string($0.file), "sha256": .string($0.sha256), "rows": .integer($0.rows)]
            }),
        ]),
      .init("seed", analysis.seed.map { .integer($0) } ?? .null),
      .init("language", .string(analysis.language.rawValue)),
      .init("platform", Self.platform(isWhole: clock != nil)),
      .init(
        "blas",
        [
          "configuration": .string(BLASThreads.configuration), "kernels": .string(BLASThreads.coreName),
          "threads": .integer(BLASThreads.count),
        ]),
    ]
    json = .object(members)
  }

  private static var workingDirectory: String {
    guard let path = getcwd(nil, 0) else { return "" }
    defer { free(path) }
    return String(cString: path)
  }

  private static func platform(isWhole: Bool) -> JSONValue {
    var names = utsname()
    uname(&names)
    func text<T>(_ field: T) -> JSONValue {
      .string(withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    var members: [JSONValue.Member] = [
      .init("system", text(names.sysname)), .init("machine", text(names.machine)),
    ]
    if isWhole {
      members += [.init("release", text(names.release)), .init("cores", .integer(cores))]
    }
    return .object(members)
  }
}
