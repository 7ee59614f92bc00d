"""Services, scheduled tasks and cleared logs, as the Security and the System log have them."""

from __future__ import annotations

from simulator_windows.json_templates import text
from simulator_windows.winlogbeat import Event, domain_of, ecs_user, logon_id, name_of, qualified, related, subject

_CONFIGURATION = ("iam", "configuration")
_SESSION = {"logon": {"id": logon_id()}}

SERVICE_INSTALLED = Event(
    "4697",
    "A service was installed in the system.",
    {
        **subject(),
        "ServiceName": text("service"),
        "ServiceFileName": text("image"),
        "ServiceType": "0x10",
        "ServiceStartType": "3",
        "ServiceAccount": "LocalSystem",
    },
    "Security System Extension",
    "service-installed",
    _CONFIGURATION,
    ("admin", "change"),
    ecs={
        "related": related("user"),
        "service": {"name": text("service"), "type": "Win32 Own Process"},
        "user": ecs_user(),
    },
    winlog=_SESSION,
)

_TASK = f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Date>{{{{ time|strftime('%Y-%m-%dT%H:%M:%S') }}}}</Date>
    <Author>{qualified("user")}</Author>
    <URI>{{{{ task|xml|escaped }}}}</URI>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <RunLevel>{{{{ run_level }}}}</RunLevel>
      <UserId>{{% if run_as %}}{{{{ run_as|xml|escaped }}}}{{% else %}}{qualified("user")}{{% endif %}}</UserId>
      <LogonType>InteractiveToken</LogonType>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>true</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>true</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>false</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <IdleSettings>
      <StopOnIdleEnd>true</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>false</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>false</WakeToRun>
    <ExecutionTimeLimit>PT72H</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{{{{ command|xml|escaped }}}}</Command>
{{% if arguments %}}      <Arguments>{{{{ arguments|xml|escaped }}}}</Arguments>
{{% endif %}}    </Exec>
  </Actions>
</Task>"""

TASK_CREATED = Event(
    "4698",
    "A scheduled task was created.",
    {**subject(), "TaskName": text("task"), "TaskContent": _TASK},
    "Other Object Access Events",
    "scheduled-task-created",
    _CONFIGURATION,
    ("creation", "admin"),
    ecs={"related": related("user"), "user": ecs_user()},
    winlog=_SESSION,
)

LOG_CLEARED = Event(
    "1102",
    "The audit log was cleared.",
    {**subject(), "xml_name": "LogFileCleared"},
    "Log clear",
    "audit-log-cleared",
    ("iam",),
    ("admin", "change"),
    ecs={"related": related("user"), "user": ecs_user()},
    winlog=_SESSION,
    data_name="user_data",
)


SERVICE_INSTALLED_IN_SYSTEM = Event(
    "7045",
    "A service was installed in the system.",
    {
        "ServiceName": text("service"),
        "ImagePath": text("image"),
        "ServiceType": "user mode service",
        "StartType": "demand start",
        "AccountName": "LocalSystem",
    },
    keywords="Classic",
    ecs={"related": related("user"), "user": ecs_user()},
    winlog={"user": {"identifier": "{{ user|sid }}"}},
)

LOG_CLEARED_IN_SYSTEM = Event(
    "104",
    "The {{ channel|escaped }} log file was cleared.",
    {
        "SubjectUserName": name_of("user"),
        "SubjectDomainName": domain_of("user"),
        "Channel": text("channel"),
        "xml_name": "LogFileCleared",
    },
    "Log clear",
    ecs={"related": related("user"), "user": ecs_user()},
    data_name="user_data",
    winlog={"user": {"identifier": "{{ user|sid }}"}},
)
