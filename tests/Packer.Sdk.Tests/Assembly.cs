// Each test starts builds, which use the cores themselves.
[assembly: Parallelize(Workers = 2, Scope = ExecutionScope.MethodLevel)]
