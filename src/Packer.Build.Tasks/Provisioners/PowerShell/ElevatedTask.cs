namespace Packer.Provisioners.PowerShell;

/// <summary>
/// A script that runs a command as a scheduled task, with the full rights of a user: what comes over the network has them not, even for an
/// administrator. It writes out what the command writes, and ends with its exit code.
/// </summary>
internal sealed record ElevatedTask(string Path, ScriptContent Script)
{
    /// <summary>TASK_LOGON_PASSWORD and TASK_LOGON_SERVICE_ACCOUNT (Windows, <c>taskschd.h</c>, TASK_LOGON_TYPE).</summary>
    private const int LogonPassword = 1;
    private const int LogonServiceAccount = 5;

    /// <summary>The command that runs the script.</summary>
    public string Command => $"powershell -executionpolicy bypass -file \"{Path}\"";

    public static ElevatedTask Create(string user, string password, string command)
    {
        var name = $"packer-{Guid.NewGuid()}";
        var path = $"C:/Windows/Temp/packer-elevated-shell-{name["packer-".Length..]}.ps1";
        return new ElevatedTask(path, ScriptContent.FromText("the scheduled task", Text(name, user, password, command).ReplaceLineEndings("\r\n")));
    }

    private static string Text(string name, string user, string password, string command)
    {
        // Quotes inside single quotes, and the command inside XML: both are data for the script.
        var quotedUser = PowerShellText.InSingleQuotes(user);
        var quotedCommand = PowerShellText.InSingleQuotes(command);
        var credential = password.Length == 0 ? "$null" : $"'{PowerShellText.InSingleQuotes(password)}'";
        var logonType = password.Length == 0 ? LogonServiceAccount : LogonPassword;
        // A service account takes no logon type in its XML.
        var logonNode = password.Length == 0 ? "" : "<LogonType>Password</LogonType>";
        return $$"""
            $name = '{{name}}'
            $user = '{{quotedUser}}'
            $password = {{credential}}
            $command = '{{quotedCommand}}'
            $log = "$env:SystemRoot\Temp\$name.out"
            $escape = { param($text) [System.Security.SecurityElement]::Escape($text) }
            $arguments = "/c $command > `"$log`" 2>&1"
            $xml = @"
            <?xml version="1.0" encoding="UTF-16"?>
            <Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
              <RegistrationInfo><Description>A step of an image build</Description></RegistrationInfo>
              <Principals>
                <Principal id="Author"><UserId>$(& $escape $user)</UserId>{{logonNode}}<RunLevel>HighestAvailable</RunLevel></Principal>
              </Principals>
              <Settings>
                <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
                <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
                <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
                <AllowHardTerminate>true</AllowHardTerminate>
                <StartWhenAvailable>false</StartWhenAvailable>
                <AllowStartOnDemand>true</AllowStartOnDemand>
                <Enabled>true</Enabled>
                <Hidden>false</Hidden>
                <RunOnlyIfIdle>false</RunOnlyIfIdle>
                <WakeToRun>false</WakeToRun>
                <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
                <Priority>4</Priority>
              </Settings>
              <Actions Context="Author">
                <Exec><Command>cmd</Command><Arguments>$(& $escape $arguments)</Arguments></Exec>
              </Actions>
            </Task>
            "@
            $service = New-Object -ComObject 'Schedule.Service'
            $service.Connect()
            $folder = $service.GetFolder('\')
            $definition = $service.NewTask($null)
            $definition.XmlText = $xml
            $exitCode = 1
            try {
              # 6: create it, or replace one of that name.
              $task = $folder.RegisterTaskDefinition($name, $definition, 6, $user, $password, {{logonType}}, $null)
              $null = $task.Run($null)
              # Running is 4, ready 3; a short task may have ended before it is looked at.
              for ($left = 100; $left -gt 0 -and $task.State -ne 4 -and $task.LastTaskResult -eq 0x41303; $left--) { Start-Sleep -Milliseconds 100 }
              $shown = 0
              do {
                $ended = $task.State -eq 3
                if (Test-Path $log) { Get-Content $log | Select-Object -Skip $shown | ForEach-Object { $shown++; Write-Output "$_" } }
                if (-not $ended) { Start-Sleep -Milliseconds 100 }
              } until ($ended)
              $exitCode = $task.LastTaskResult
            } finally {
              try { $folder.DeleteTask($name, 0) } catch { Write-Output "$_" }
              Remove-Item -Force -ErrorAction SilentlyContinue $log
              Remove-Item -Force -ErrorAction SilentlyContinue $PSCommandPath
            }
            exit $exitCode

            """;
    }
}
