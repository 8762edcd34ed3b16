import Glibc
import LinearAlgebra
import ModelFitting
import Serialisation
import TrialAnalysis

/// Wall times of the stages of a run.
struct RunClock {
  let start = RunClock.now(CLOCK_REALTIME)
  private var last = RunClock.now(CLOCK_MONOTONIC)
  private(set) var stages: [(name: String, seconds: Double)] = []

  /// Ends a stage.
  mutating func mark(_ name: String) {
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
  var startText: String {
    var seconds = time_t(start)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// What depends on the machine and the moment: the contents of `run.json`.
struct RunRecord {
  let json: JSONValue

  /// The cores that are online.
  static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  init(command: AnalyzeCommand, run: AnalysisRun, clock: RunClock) {
    var names = utsname()
    uname(&names)
    func text<T>(_ field: T) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    let seconds = clock.stages.reduce(0) { $0 + $1.seconds }
    json = [
      "software": ["name": "hekta", "version": .string(Software.version)],
      "started": .string(clock.startText),
      "seconds": .object(
        clock.stages.map { .init($0.name, .number(Optional($0.seconds))) } + [
          .init("total", .number(Optional(seconds)))
        ]),
      "arguments": [
        "dir": .string(command.directory), "plan": .string(command.plan), "data": .string(command.data),
        "out": .string(command.out), "lang": .string(command.lang?.rawValue),
        "jobs": command.jobs.map { .integer($0) } ?? .null, "strict": .bool(command.strict),
        "seed": command.seed.map { .integer($0) } ?? .null,
      ],
      "seed": run.seed.map { .integer($0) } ?? .null,
      "host": [
        "system": .string(text(names.sysname)), "release": .string(text(names.release)),
        "machine": .string(text(names.machine)), "cores": .integer(Self.cores),
      ],
      "blas": [
        "configuration": .string(BLASThreads.configuration), "kernels": .string(BLASThreads.coreName),
        "threads": .integer(BLASThreads.count),
      ],
    ]
  }
}
